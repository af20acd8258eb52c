/* arn.c - Amazon resource names, taken apart */
#include <string.h>

#include "aws/arn.h"

static const char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+=,@*";

/* Copy up to the next ':' and pass it. Returns NULL when it does not fit. */
static const char *
part(const char *s, char *out, size_t size)
{
	size_t len = strcspn(s, ":");

	if (s[len] != ':' || len >= size)
		return NULL;
	memcpy(out, s, len);
	out[len] = '\0';
	return s + len + 1;
}

static int
split(const char *s, struct arn *out)
{
	size_t len = strlen(s);

	if (len >= ARN_MAX || strspn(s, ALPHABET) != len ||
	    strncmp(s, "arn:", 4) != 0)
		return -1;
	s = part(s + 4, out->partition, sizeof(out->partition));
	if (s != NULL)
		s = part(s, out->service, sizeof(out->service));
	if (s != NULL)
		s = part(s, out->region, sizeof(out->region));
	if (s != NULL)
		s = part(s, out->account, sizeof(out->account));
	if (s == NULL || *s == '\0' || out->partition[0] == '\0' ||
	    out->service[0] == '\0')
		return -1;
	len = strlen(out->account);
	if (len != 0 && (len != 12 || strspn(out->account, "0123456789") !=
	    12))
		return -1;
	strcpy(out->resource, s);	/* shorter than ARN_MAX, see above */
	return 0;
}

int
arn_parse(const char *s, struct arn *out, struct err *e)
{
	struct arn parsed = { 0 };

	if (split(s, &parsed) == -1)
		return err_set(e, ERR_USAGE, "'%.300s' is not an ARN", s);
	*out = parsed;
	return 0;
}

int
arn_expect(const char *s, const char *service, const char *resource,
    struct arn *out, struct err *e)
{
	struct arn parsed;
	size_t len = strlen(resource);

	if (arn_parse(s, &parsed, e) == -1)
		return -1;
	if (strcmp(parsed.service, service) != 0 ||
	    strncmp(parsed.resource, resource, len) != 0 ||
	    parsed.resource[len] == '\0' || parsed.account[0] == '\0')
		return err_set(e, ERR_USAGE, "'%.300s' is not the ARN of a "
		    "%.*s of %s, but of '%.*s' of %s", s,
		    (int)strcspn(resource, ":/"), resource, service,
		    (int)strcspn(parsed.resource, ":/"), parsed.resource,
		    parsed.service);
	*out = parsed;
	return 0;
}
