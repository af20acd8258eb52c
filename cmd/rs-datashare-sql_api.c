/*
 * rs-datashare-sql_api.c - the two steps across accounts that SQL cannot do
 *
 * GRANT ... TO ACCOUNT makes an authorization that is pending; the producer's
 * account authorizes it, then the consumer's associates its namespaces.
 */
#include <string.h>
#include <strings.h>

#include "aws/datashare.h"
#include "aws/serverless.h"
#include "rs-datashare-sql.h"

static void
link_step(struct rec_out *out, const struct wish *w, const char *step,
    const char *status, const char *detail, const char *remedy)
{
	rec_write(out, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*}",
	    "kind", "link", "chain", w->share, "step", step,
	    "status", status, "detail", detail, "remedy", remedy));
}

static bool
is(const char *status, const char *a, const char *b, const char *c)
{
	return status != NULL && (strcmp(status, a) == 0 ||
	    (b != NULL && strcmp(status, b) == 0) ||
	    (c != NULL && strcmp(status, c) == 0));
}

static int
missing(struct rec_out *out, const struct wish *w, const char *step,
    const char *who, const char *remedy, struct err *e)
{
	link_step(out, w, step, "missing", who, remedy);
	return err_set(e, ERR_NO, "share '%s' is not there for '%s': %s",
	    w->share, who, remedy);
}

int
api_authorize(struct aws *a, const struct wish *w, struct rec_out *out,
    struct err *e)
{
	struct datashare share = { 0 };
	const char *account, *status;
	json_t *item;
	size_t i;
	int rc;

	rc = datashare_find(a, w->producer_namespace, w->share, &share, e);
	json_array_foreach(w->accounts, i, item) {
		if (rc == -1)
			break;
		account = json_string_value(item);
		status = datashare_status(&share, account);
		if (status == NULL)
			rc = missing(out, w, "authorize", account,
			    "run the statements of the producer first", e);
		else if (!is(status, "AUTHORIZED", "ACTIVE", "AVAILABLE"))
			rc = datashare_authorize(a, share.arn, account, e);
		if (rc == 0)
			link_step(out, w, "authorize", "done", account, NULL);
	}
	datashare_release(&share);
	return rc;
}

/* The ARN of the namespace of a consumer, by its id; borrowed. */
static const char *
namespace_arn(const json_t *namespaces, const char *id)
{
	const char *name, *is_id;
	const json_t *v;

	json_object_foreach((json_t *)namespaces, name, v) {
		is_id = json_string_value(json_object_get(v, "namespaceId"));
		if (is_id != NULL && strcasecmp(is_id, id) == 0)
			return json_string_value(json_object_get(v,
			    "namespaceArn"));
	}
	return NULL;
}

static int
associate(struct aws *a, const struct wish *w, const struct datashare *share,
    const json_t *namespaces, const struct warehouse *consumer,
    struct rec_out *out, struct err *e)
{
	const char *arn = namespace_arn(namespaces, consumer->namespace_id);

	if (arn == NULL)
		return missing(out, w, "associate", consumer->name,
		    "its namespace is not in this account and region", e);
	if (share->arn == NULL)
		return missing(out, w, "associate", consumer->name,
		    "the producer's account has to authorize it first", e);
	if (!is(datashare_status(share, arn), "ACTIVE", NULL, NULL) &&
	    datashare_associate(a, share->arn, arn, e) == -1)
		return -1;
	link_step(out, w, "associate", "done", consumer->name, NULL);
	return 0;
}

int
api_associate(struct aws *a, const struct wish *w,
    const struct warehouses *fleet, struct rec_out *out, struct err *e)
{
	struct datashare share = { 0 };
	json_t *namespaces = NULL, *item;
	size_t i;
	int rc;

	rc = datashare_find(a, w->producer_namespace, w->share, &share, e);
	if (rc == 0)
		rc = sls_namespaces(a, NULL, 0, &namespaces, e);
	json_array_foreach(w->consumers, i, item) {
		if (rc == -1)
			break;
		rc = associate(a, w, &share, namespaces, warehouse_find(fleet,
		    json_string_value(item)), out, e);
	}
	json_decref(namespaces);
	datashare_release(&share);
	return rc;
}
