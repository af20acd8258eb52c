/* datashare.c - the datashare calls of Redshift that the suite makes */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/api.h"
#include "aws/datashare.h"
#include "base/alloc.h"

struct search {
	char *tail;		/* ":datashare:NAMESPACE/NAME" */
	struct datashare *found;
};

static void
take(struct datashare *d, const struct xml *share)
{
	const char *consumer, *status;

	datashare_release(d);
	d->arn = xstrdup(xml_text(share, "DataShareArn"));
	for (const struct xml *x = xml_first(share, "DataShareAssociations");
	    x != NULL; x = x->next) {
		consumer = xml_text(x, "ConsumerIdentifier");
		status = xml_text(x, "Status");
		if (consumer == NULL || status == NULL)
			continue;
		d->v = xgrow(d->v, d->n, &d->cap, sizeof(*d->v));
		d->v[d->n++] = (struct association){
			.consumer = xstrdup(consumer),
			.status = xstrdup(status)
		};
	}
}

static int
look(void *ctx, const struct xml *page, struct err *e)
{
	struct search *s = ctx;
	const char *arn;
	size_t tail = strlen(s->tail), len;

	(void)e;
	for (const struct xml *x = xml_first(page, "DataShares"); x != NULL;
	    x = x->next) {
		arn = xml_text(x, "DataShareArn");
		len = arn != NULL ? strlen(arn) : 0;
		if (len > tail && strcasecmp(arn + len - tail, s->tail) == 0)
			take(s->found, x);
	}
	return 0;
}

int
datashare_find(struct aws *a, const char *namespace_id, const char *name,
    struct datashare *out, struct err *e)
{
	struct datashare found = { 0 };
	struct search s = { .found = &found };
	struct form form = { 0 };
	int rc;

	s.tail = xasprintf(":datashare:%s/%s", namespace_id, name);
	rc = aws_query_pages(a, AWS_REDSHIFT, "DescribeDataShares", &form,
	    "Marker", "Marker", look, &s, e);
	form_release(&form);
	free(s.tail);
	if (rc == -1) {
		datashare_release(&found);
		return err_prefix(e, "cannot look for share '%s'", name);
	}
	datashare_release(out);
	*out = found;
	return 0;
}

const char *
datashare_status(const struct datashare *d, const char *consumer)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->v[i].consumer, consumer) == 0)
			return d->v[i].status;
	return NULL;
}

static int
call(struct aws *a, const char *op, const char *arn, const char *parameter,
    const char *consumer, struct err *e)
{
	struct form form = { 0 };
	struct xml *reply = NULL;
	int rc;

	form_set(&form, "DataShareArn", arn);
	form_set(&form, parameter, consumer);
	rc = aws_query(a, AWS_REDSHIFT, op, &form, &reply, e);
	xml_free(reply);
	form_release(&form);
	return rc == 0 ? 0 : err_prefix(e, "cannot let '%s' use '%s'",
	    consumer, arn);
}

int
datashare_authorize(struct aws *a, const char *arn, const char *account,
    struct err *e)
{
	return call(a, "AuthorizeDataShare", arn, "ConsumerIdentifier",
	    account, e);
}

int
datashare_associate(struct aws *a, const char *arn,
    const char *namespace_arn, struct err *e)
{
	return call(a, "AssociateDataShareConsumer", arn, "ConsumerArn",
	    namespace_arn, e);
}

void
datashare_release(struct datashare *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].consumer);
		free(d->v[i].status);
	}
	free(d->v);
	free(d->arn);
	memset(d, 0, sizeof(*d));
}
