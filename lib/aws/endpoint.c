/* endpoint.c - where a service is, and what its signature names */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/service.h"
#include "aws/session.h"
#include "base/alloc.h"

enum { REGION_MAX = 63 };	/* a DNS label */

/*
 * A partition: which regions it has (by how their names begin), its
 * suffixes, and the hosts of the one service that is not regional.
 */
struct partition {
	const char *id;
	const char *begin;
	const char *suffix, *dual_suffix;
	const char *iam, *iam_dual, *iam_fips, *iam_fips_dual;
	const char *iam_region, *iam_fips_region;
};

/* The first is the default for regions that no other row claims. */
static const struct partition partitions[] = {
	{ "aws", "", "amazonaws.com", "api.aws",
	    "iam.amazonaws.com", "iam.global.api.aws",
	    "iam-fips.amazonaws.com", "iam-fips.global.api.aws",
	    "us-east-1", "us-east-1" },
	{ "aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn",
	    "iam.cn-north-1.amazonaws.com.cn",
	    "iam.global.api.amazonwebservices.com.cn",
	    "iam-fips.amazonaws.com.cn",
	    "iam-fips.api.amazonwebservices.com.cn",
	    "cn-north-1", "cn-northwest-1" },
	{ "aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu",
	    "iam.eusc-de-east-1.amazonaws.eu", "iam.api.amazonwebservices.eu",
	    "iam-fips.amazonaws.eu", "iam-fips.api.amazonwebservices.eu",
	    "eusc-de-east-1", "eusc-de-east-1" },
	{ "aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov",
	    "iam.us-iso-east-1.c2s.ic.gov", "iam.api.aws.ic.gov",
	    "iam-fips.us-iso-east-1.c2s.ic.gov", "iam-fips.api.aws.ic.gov",
	    "us-iso-east-1", "us-iso-east-1" },
	{ "aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud",
	    "iam.us-isob-east-1.sc2s.sgov.gov", "iam.api.aws.scloud",
	    "iam-fips.us-isob-east-1.sc2s.sgov.gov",
	    "iam-fips.api.aws.scloud", "us-isob-east-1", "us-isob-east-1" },
	{ "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk",
	    "iam.eu-isoe-west-1.cloud.adc-e.uk", "iam.api.cloud-aws.adc-e.uk",
	    "iam-fips.cloud.adc-e.uk", "iam-fips.api.cloud-aws.adc-e.uk",
	    "eu-isoe-west-1", "eu-isoe-west-1" },
	{ "aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov",
	    "iam.us-isof-south-1.csp.hci.ic.gov", "iam.api.aws.hci.ic.gov",
	    "iam-fips.csp.hci.ic.gov", "iam-fips.api.aws.hci.ic.gov",
	    "us-isof-south-1", "us-isof-south-1" },
	{ "aws-us-gov", "us-gov-", "amazonaws.com", "api.aws",
	    "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws",
	    "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws",
	    "us-gov-west-1", "us-gov-west-1" },
};

static const struct partition *
find_partition(const char *region)
{
	for (size_t i = 1; i < ARRAY_LEN(partitions); i++)
		if (strncmp(region, partitions[i].begin,
		    strlen(partitions[i].begin)) == 0)
			return &partitions[i];
	return &partitions[0];
}

const char *
endpoint_partition(const char *region)
{
	return find_partition(region)->id;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

int
endpoint_check_region(const char *region, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len = strlen(region);

	if (len == 0 || len > REGION_MAX || strspn(region, letters) != len ||
	    region[0] == '-' || region[len - 1] == '-')
		return err_set(e, ERR_USAGE, "'%s' is not the name of a region",
		    region);
	if (len > 7 && strcmp(region + len - 7, "-global") == 0)
		return err_set(e, ERR_USAGE, "'%s' is not a region: name a "
		    "real one, such as us-east-1", region);
	return 0;
}

static const char *
iam_host(const struct partition *p, bool fips, bool dualstack)
{
	if (fips)
		return dualstack ? p->iam_fips_dual : p->iam_fips;
	return dualstack ? p->iam_dual : p->iam;
}

/*
 * The price list is served from few regions, and the region whose prices
 * are asked for is a filter: the nearest one will do.
 */
static const char *
pinned_region(const struct partition *p, const char *region)
{
	if (strcmp(p->id, "aws-cn") == 0)
		return "cn-northwest-1";
	if (strcmp(p->id, "aws") != 0)
		return region;
	if (begins(region, "eu-") || begins(region, "af-") ||
	    begins(region, "me-") || begins(region, "il-"))
		return "eu-central-1";
	return begins(region, "ap-") ? "ap-south-1" : "us-east-1";
}

/* MSK's other name on dual-stack hosts; the partitions differ. */
static const char *
host_prefix(const struct service *s, const struct partition *p, bool fips,
    bool dualstack)
{
	if (!(s->quirks & DUAL_KAFKA) || !dualstack ||
	    begins(p->id, "aws-iso"))
		return s->prefix;
	if (fips && strcmp(p->id, "aws") != 0 &&
	    strcmp(p->id, "aws-us-gov") != 0)
		return s->prefix;
	return "kafka-api";
}

static bool
has_fips_name(const struct service *s, const struct partition *p,
    bool dualstack)
{
	unsigned plain = dualstack ? GOV_PLAIN_DUAL : GOV_PLAIN;

	return !(s->quirks & plain) || strcmp(p->id, "aws-us-gov") != 0;
}

/* Secrets Manager serves both families on its ordinary names. */
static bool
has_dual_suffix(const struct service *s, const struct partition *p, bool fips)
{
	if (!(s->quirks & DUAL_IS_PLAIN))
		return true;
	if (strcmp(p->id, "aws-cn") == 0)
		return fips;
	return strcmp(p->id, "aws") != 0 && strcmp(p->id, "aws-us-gov") != 0;
}

static void
s3_host(const struct partition *p, const char *region, bool fips,
    bool dualstack, struct endpoint *out)
{
	snprintf(out->host, sizeof(out->host), "s3%s%s.%s.%s",
	    fips ? "-fips" : "", dualstack ? ".dualstack" : "", region,
	    p->suffix);
	out->single_encoding = true;
}

int
endpoint_rule(enum aws_service service, const char *region, bool fips,
    bool dualstack, struct endpoint *out, struct err *e)
{
	const struct service *s = service_get(service);
	const struct partition *p = find_partition(region);

	if (endpoint_check_region(region, e) == -1)
		return -1;
	memset(out, 0, sizeof(*out));
	out->name = s->signing;
	if (s->quirks & PINNED)
		region = pinned_region(p, region);
	if (s->quirks & ONE_PER_PARTITION) {
		region = fips ? p->iam_fips_region : p->iam_region;
		snprintf(out->host, sizeof(out->host), "%s",
		    iam_host(p, fips, dualstack));
	} else if (s->quirks & S3_HOSTS) {
		if (fips && strcmp(p->id, "aws-cn") == 0)
			return err_set(e, ERR_USAGE, "S3 has no FIPS endpoint "
			    "in '%s'", region);
		s3_host(p, region, fips, dualstack, out);
	} else
		snprintf(out->host, sizeof(out->host), "%s%s.%s.%s",
		    host_prefix(s, p, fips, dualstack),
		    fips && has_fips_name(s, p, dualstack) ? "-fips" : "",
		    region, dualstack && has_dual_suffix(s, p, fips) ?
		    p->dual_suffix : p->suffix);
	snprintf(out->region, sizeof(out->region), "%s", region);
	snprintf(out->url, sizeof(out->url), "https://%s", out->host);
	return 0;
}

static const char *
set_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static bool
ignored(const struct aws *a)
{
	const char *s = set_env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");

	if (s == NULL)
		s = conf_get(a->conf, a->profile,
		    "ignore_configured_endpoint_urls");
	return s != NULL && strcasecmp(s, "true") == 0;
}

/* What the user configured, and where; url NULL: nothing. */
struct override {
	const char *url;
	const char *source;
};

static bool
from_env(const char *name, struct override *o)
{
	*o = (struct override){ set_env(name), name };
	return o->url != NULL;
}

/* The section's block is named like the variable, in lower case. */
static int
from_services(const struct aws *a, const struct service *s,
    struct override *o, struct err *e)
{
	const char *section = conf_get(a->conf, a->profile, "services");
	const char *id = s->variable + strlen("AWS_ENDPOINT_URL_");
	char block[64];
	size_t i;

	*o = (struct override){ NULL, "endpoint_url in a services section" };
	if (section == NULL)
		return 0;
	if (!conf_has_section(a->conf, "services", section))
		return err_set(e, ERR_USAGE, "profile '%s' names the services "
		    "section '%s', which does not exist", a->profile, section);
	for (i = 0; i < sizeof(block) - 1 && id[i] != '\0'; i++)
		block[i] = (char)tolower((unsigned char)id[i]);
	block[i] = '\0';
	o->url = conf_nested(a->conf, "services", section, block,
	    "endpoint_url");
	return 0;
}

/* --endpoint-url is for the tool's own calls, not for getting credentials. */
static int
find_override(const struct aws *a, const struct service *s,
    const struct aws_as *as, struct override *o, struct err *e)
{
	*o = (struct override){ NULL, "--endpoint-url" };
	if (as->cred == NULL && !as->anonymous)
		o->url = a->opts->endpoint_url;
	if (o->url != NULL || ignored(a) || from_env(s->variable, o) ||
	    from_env("AWS_ENDPOINT_URL", o))
		return 0;
	if (from_services(a, s, o, e) == -1)
		return -1;
	if (o->url == NULL)
		*o = (struct override){ conf_get(a->conf, a->profile,
		    "endpoint_url"), "endpoint_url of the profile" };
	return 0;
}

/* Nothing that a URL of an endpoint does not have, in any place of it. */
static bool
is_plain(const char *url)
{
	for (const char *s = url; *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f || strchr("?#@\\\"<>^`{|}", *s))
			return false;
	return true;
}

/* The host as libcurl will send it: without the scheme's own port. */
static int
set_url(struct endpoint *out, const char *url, struct err *e)
{
	bool tls = begins(url, "https://");
	const char *host = url + (tls ? 8 : 7);
	const char *port = tls ? ":443" : ":80";
	size_t len = strlen(url), host_len;

	if ((!tls && !begins(url, "http://")) || strchr("/:", *host) != NULL)
		return err_set(e, ERR_USAGE, "%s: '%s' is not a URL like "
		    "https://host", out->source, url);
	host_len = strcspn(host, "/");
	if (!is_plain(url) || len >= sizeof(out->url) ||
	    host_len >= sizeof(out->host))
		return err_set(e, ERR_USAGE, "%s: '%s' has more than scheme, "
		    "host, port and path", out->source, url);
	while (len > 0 && url[len - 1] == '/')
		len--;
	snprintf(out->url, sizeof(out->url), "%.*s", (int)len, url);
	if (host_len > strlen(port) && memcmp(host + host_len - strlen(port),
	    port, strlen(port)) == 0)
		host_len -= strlen(port);
	snprintf(out->host, sizeof(out->host), "%.*s", (int)host_len, host);
	return 0;
}

int
endpoint_find(const struct aws *a, enum aws_service service,
    const struct aws_as *as, struct endpoint *out, struct err *e)
{
	struct override o;

	if (endpoint_rule(service, as->region != NULL ? as->region :
	    a->region, a->fips, a->dualstack, out, e) == -1)
		return -1;
	if (find_override(a, service_get(service), as, &o, e) == -1)
		return -1;
	if (o.url == NULL)
		return 0;
	out->source = o.source;
	return set_url(out, o.url, e);
}

char *
aws_endpoint_url(const struct aws *a, enum aws_service service,
    struct err *e)
{
	const struct aws_as ourselves = { 0 };
	struct endpoint found;

	if (endpoint_find(a, service, &ourselves, &found, e) == -1)
		return NULL;
	return xstrdup(found.url);
}
