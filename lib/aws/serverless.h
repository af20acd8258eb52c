/*
 * serverless.h - the Redshift Serverless calls the suite makes
 *
 * Answers stay the JSON objects of the API reference (Workgroup, Namespace,
 * EndpointAccess); only their states become enums, here and nowhere else.
 */
#ifndef AWS_SERVERLESS_H
#define AWS_SERVERLESS_H

#include <jansson.h>

#include "aws/aws.h"
#include "base/attr.h"
#include "base/err.h"

/* WorkgroupStatus and NamespaceStatus, and what the API says by silence. */
enum sls_status {
	SLS_ABSENT = 0,
	SLS_CREATING,
	SLS_AVAILABLE,
	SLS_MODIFYING,
	SLS_DELETING,
	SLS_OTHER		/* a word this version does not know */
};

/*
 * The workgroups, or namespaces, of these names: an object that maps each
 * name to its description, for json_decref(). A name that AWS says does not
 * exist is not in it; any other failure is a failure. One name is asked for
 * by Get, several by List (100 a page), so that the cost does not grow with
 * their number. names NULL: all there are.
 */
int	sls_workgroups(struct aws *a, char *const *names, size_t n,
	    json_t **by_name, struct err *e) MUST_USE;
int	sls_namespaces(struct aws *a, char *const *names, size_t n,
	    json_t **by_name, struct err *e) MUST_USE;

/*
 * The managed endpoint accesses of one workgroup, or with NULL of all: an
 * array for json_decref().
 */
int	sls_endpoints(struct aws *a, const char *workgroup, json_t **array,
	    struct err *e) MUST_USE;

/* The "status" of a description; NULL is SLS_ABSENT. */
enum sls_status sls_status(const json_t *description);

/* Its words as AWS wrote them; "absent" for NULL. Borrowed. */
const char *sls_status_text(const json_t *description);

/*
 * Is an endpoint access in use? Its status is a free string in the API's
 * model; ACTIVE and AVAILABLE, in any case, are both taken for yes.
 */
int	sls_endpoint_active(const json_t *endpoint);

#endif
