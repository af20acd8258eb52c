/*
 * fleet.h - everything that was said about what is to be priced
 *
 * Plans come as "usage" records, options and Terraform resources; what a
 * workgroup is comes from "workgroup" and "ip" records as well; measured use
 * goes to a meter. fleet_close() puts them together.
 */
#ifndef COST_FLEET_H
#define COST_FLEET_H

#include <jansson.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "cost/meter.h"
#include "cost/usage.h"
#include "record/rec.h"

struct fleet {
	json_t *defaults;	/* members for plans that lack them */
	json_t *plans;		/* array of usage objects, as they came */
	json_t *where;		/* array of strings: where each came from */
	json_t *facts;		/* name -> usage members known of it */
	json_t *enis;		/* set of network interfaces seen */
	json_t *unpriced;	/* set of Terraform types that we do not know */
	struct meter meter;
	struct usage *v;	/* after fleet_close() */
	size_t n;
};

void	fleet_init(struct fleet *f);

/*
 * A member for every plan that does not have it: "region" for all of them,
 * the others for workgroups. value is a string as a usage record takes it.
 */
void	fleet_default(struct fleet *f, const char *member, const char *value);

/* Add a plan; takes the reference to usage. where is copied. */
void	fleet_plan(struct fleet *f, json_t *usage, const char *where);

/* Usage members known of a workgroup; borrowed, to be added to. */
json_t	*fleet_facts(struct fleet *f, const char *workgroup);

/* The workgroup has n more network interfaces of endpoint accesses. */
void	fleet_add_enis(struct fleet *f, const char *workgroup, int n);

/* Remember a type of resource that has no price here. */
void	fleet_unpriced(struct fleet *f, const char *type);

/*
 * Give each side the plans of `from`, but for those of a workgroup that only
 * the other side has. Returns -1 when there is more than plans in it.
 */
int	fleet_share(const struct fleet *from, struct fleet *before,
	    struct fleet *after, struct err *e) MUST_USE;

/*
 * Read records to the end of in. Records of other kinds are passed on,
 * unless out is NULL. A stream that has to_end must end with an end record;
 * of another only an end record that says it is incomplete is an error.
 */
int	fleet_read(struct fleet *f, struct rec_in *in, bool to_end,
	    struct rec_out *out, struct err *e) MUST_USE;

/* Put it together: fills f->v. */
int	fleet_close(struct fleet *f, struct err *e) MUST_USE;

/* The regions that are used: an object with a member for each. */
json_t	*fleet_regions(const struct fleet *f);

/* Load the prices of every region that is used. */
int	fleet_prices(const struct fleet *f, struct prices *prices,
	    struct err *e) MUST_USE;

void	fleet_release(struct fleet *f);

#endif
