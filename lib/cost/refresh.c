/* refresh.c - today's prices from the AWS Price List */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/api.h"
#include "base/alloc.h"
#include "base/msg.h"
#include "cost/offer.h"
#include "cost/refresh.h"

struct reading {
	const char *region;
	json_t *prices;		/* item -> price, null: not to be believed */
};

/* Each entry is a string that holds a JSON document. */
static int
take_page(void *ctx, json_t *page, struct err *e)
{
	struct reading *r = ctx;
	const json_t *list = json_object_get(page, "PriceList"), *one;
	size_t i;
	int rc = 0;

	if (!json_is_array(list))
		return err_set(e, ERR_AWS, "the answer has no PriceList");
	json_array_foreach(list, i, one) {
		json_t *entry = json_loadb(json_string_value(one) != NULL ?
		    json_string_value(one) : "", json_string_length(one), 0,
		    NULL);

		if (entry == NULL)
			return err_set(e, ERR_AWS, "an entry of the price "
			    "list is not JSON");
		rc = offer_take(r->prices, r->region, entry, e);
		json_decref(entry);
		if (rc == -1)
			break;
	}
	return rc;
}

static int
ask(struct aws *aws, struct reading *r, struct err *e)
{
	size_t n;
	const char *const *services = offer_services(&n);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		json_t *body = json_pack("{s:s, s:[{s:s, s:s, s:s}], s:s, "
		    "s:i}", "ServiceCode", services[i], "Filters", "Type",
		    "TERM_MATCH", "Field", "regionCode", "Value", r->region,
		    "FormatVersion", "aws_v1", "MaxResults", 100);

		rc = aws_json_pages(aws, AWS_PRICING, "GetProducts", body,
		    take_page, r, e);
		json_decref(body);
		if (rc == -1)
			err_prefix(e, "cannot get the prices of %s",
			    services[i]);
	}
	return rc;
}

/* The document to keep; NULL when the main thing is not in it. */
static json_t *
document(const struct reading *r)
{
	json_t *list = json_array(), *price;
	const char *item;

	json_object_foreach(r->prices, item, price) {
		if (json_is_null(price))
			msg_debug(1, "%s: the price list has several prices "
			    "for %s; none is taken", r->region, item);
		else
			json_array_append(list, price);
	}
	return json_pack("{s:s, s:s, s:o}", "region", r->region, "currency",
	    "USD", "prices", list);
}

/* Make the directories of path, but for its last part. */
static int
make_directories(const char *path)
{
	char *copy = xstrdup(path);
	int rc = 0;

	for (char *p = copy + 1; rc == 0 && (p = strchr(p, '/')) != NULL;
	    *p++ = '/') {
		*p = '\0';
		if (mkdir(copy, 0700) == -1 && errno != EEXIST)
			rc = -1;
	}
	free(copy);
	return rc;
}

static int
write_all(int fd, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, s, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			s += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd);
}

/* Replace path as a whole, or leave it as it is. */
static int
save(const char *path, const json_t *doc, struct err *e)
{
	char *text = json_dumps(doc, JSON_INDENT(2));
	char *temporary = xasprintf("%s.XXXXXX", path);
	int fd = -1, rc = -1, saved;

	if (make_directories(path) == 0 && (fd = mkstemp(temporary)) != -1)
		rc = write_all(fd, text, strlen(text));
	saved = errno;
	if (fd != -1 && close(fd) == -1 && rc == 0) {
		saved = errno;
		rc = -1;
	}
	if (rc == 0 && (rc = rename(temporary, path)) == -1)
		saved = errno;
	if (rc == -1 && fd != -1)
		unlink(temporary);
	free(temporary);
	free(text);
	return rc == 0 ? 0 : err_sys(e, saved, "cannot save '%s'", path);
}

static int
keep(const struct reading *r, struct err *e)
{
	char *path = prices_cache_path(r->region);
	struct prices checked = { 0 };
	json_t *doc = document(r);
	int rc;

	if (path == NULL)
		rc = err_set(e, ERR_SYSTEM, "no place to keep prices: neither "
		    "XDG_CACHE_HOME nor HOME is set");
	else if (!json_is_object(json_object_get(r->prices, ITEM_COMPUTE)))
		rc = err_set(e, ERR_AWS, "the price list has no single price "
		    "of %s in %s", ITEM_COMPUTE, r->region);
	else if ((rc = prices_add(&checked, doc, "the price list", false,
	    e)) == -1)
		e->kind = ERR_AWS;
	else
		rc = save(path, doc, e);
	if (rc == 0)
		msg_debug(1, "%s: %zu prices kept in %s", r->region,
		    checked.n, path);
	prices_release(&checked);
	json_decref(doc);
	free(path);
	return rc;
}

static int
refresh_region(struct aws *aws, const char *region, struct err *e)
{
	struct reading r = { region, json_object() };
	int rc = ask(aws, &r, e);

	if (rc == 0)
		rc = keep(&r, e);
	json_decref(r.prices);
	return rc;
}

int
refresh_prices(const struct fleet *f, const struct aws_opts *opts,
    struct err *e)
{
	json_t *regions = fleet_regions(f), *unused;
	const char *region;
	struct aws *aws = NULL;
	int rc = 0;

	json_object_foreach(regions, region, unused) {
		(void)unused;
		if (aws == NULL && (aws = aws_open(opts, e)) == NULL)
			rc = -1;
		if (rc == 0)
			rc = refresh_region(aws, region, e);
		if (rc == -1)
			break;
	}
	aws_close(aws);
	json_decref(regions);
	return rc;
}
