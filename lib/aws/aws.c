/* aws.c - a session with AWS: settings, credentials, connections */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <curl/curl.h>
#include <jansson.h>
#include <openssl/crypto.h>

#include "aws/endpoint.h"
#include "aws/retry.h"
#include "aws/session.h"
#include "base/alloc.h"
#include "base/msg.h"

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* A setting: the variable, else the profile's key; source says which. */
static const char *
setting(const struct aws *a, const char *variable, const char *key,
    const char **source)
{
	const char *value = env(variable);

	*source = variable;
	if (value != NULL)
		return value;
	*source = key;
	return conf_get(a->conf, a->profile, key);
}

static int
choose_profile(struct aws *a, struct err *e)
{
	bool named = true;

	/* botocore's order, whatever one may think of it. */
	if ((a->profile = a->opts->profile) != NULL)
		a->profile_by_option = true;
	else if ((a->profile = env("AWS_DEFAULT_PROFILE")) == NULL &&
	    (a->profile = env("AWS_PROFILE")) == NULL) {
		a->profile = "default";
		named = false;
	}
	if (!named || conf_has_profile(a->conf, a->profile))
		return 0;
	err_set(e, ERR_CRED, "there is no profile '%s' in the AWS "
	    "configuration", a->profile);
	return err_hint(e, "'aws configure list-profiles' names those that "
	    "there are");
}

static int
choose_region(struct aws *a, struct err *e)
{
	static const char *const variables[] = {
		"AWS_REGION", "AWS_DEFAULT_REGION"
	};
	const char *region = a->opts->region, *source = "--region";

	for (size_t i = 0; i < ARRAY_LEN(variables) && region == NULL; i++)
		region = env(source = variables[i]);
	if (region != NULL)
		a->region_source = xstrdup(source);
	else if ((region = conf_get(a->conf, a->profile, "region")) != NULL)
		a->region_source = xasprintf("profile '%s'", a->profile);
	if (region == NULL) {
		err_set(e, ERR_USAGE, "no region: neither --region, nor "
		    "AWS_REGION, nor profile '%s' names one", a->profile);
		return err_hint(e, "set AWS_REGION, or run 'aws configure'");
	}
	if (endpoint_check_region(region, e) == -1)
		return err_prefix(e, "%s", a->region_source);
	a->region = xstrdup(region);
	return 0;
}

/* Anything but true and false is refused: a typo must not turn FIPS off. */
static int
choose_flag(const struct aws *a, const char *variable, const char *key,
    bool *out, struct err *e)
{
	const char *source, *value = setting(a, variable, key, &source);

	*out = value != NULL && strcasecmp(value, "true") == 0;
	if (value != NULL && !*out && strcasecmp(value, "false") != 0)
		return err_set(e, ERR_USAGE, "%s: '%s' is neither true nor "
		    "false", source, value);
	return 0;
}

static int
choose_retries(struct aws *a, struct err *e)
{
	const char *source;
	const char *mode = setting(a, "AWS_RETRY_MODE", "retry_mode", &source);
	const char *max;
	char *end;
	long n;

	if (mode != NULL && strcasecmp(mode, "standard") != 0 &&
	    strcasecmp(mode, "adaptive") != 0 &&
	    strcasecmp(mode, "legacy") != 0)
		return err_set(e, ERR_USAGE, "%s: '%s' is not one of standard, "
		    "adaptive, legacy", source, mode);
	if (mode != NULL && strcasecmp(mode, "standard") != 0)
		msg_debug(1, "%s: '%s' is treated as standard", source, mode);
	max = setting(a, "AWS_MAX_ATTEMPTS", "max_attempts", &source);
	if (max == NULL)
		return 0;
	n = strtol(max, &end, 10);
	if (end == max || *end != '\0' || n < 1 || n > RETRY_ATTEMPTS_MAX)
		return err_set(e, ERR_USAGE, "%s: '%s' is not a number from "
		    "1 to %d", source, max, RETRY_ATTEMPTS_MAX);
	a->max_attempts = (unsigned)n;
	return 0;
}

/* The characters a User-Agent word may have; others become "-". */
static void
clean_word(char *s)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789!$%&'*+-.^_`|~,";

	for (; *(s += strspn(s, allowed)) != '\0'; s++)
		*s = '-';
}

/* The SDKs' common form, by which AWS tells clients apart. */
static char *
make_user_agent(const struct aws *a)
{
	const char *source;
	const char *id = setting(a, "AWS_SDK_UA_APP_ID", "sdk_ua_app_id",
	    &source);
	char *app = id != NULL ? xstrndup(id, 50) : NULL;
	struct utsname u = { 0 };
	char *s;

	(void)uname(&u);
	clean_word(u.sysname);
	clean_word(u.release);
	clean_word(u.machine);
	if (app != NULL)
		clean_word(app);
	s = xasprintf("%s/" RS_VERSION " ua/2.1 os/%s#%s md/arch#%s lang/c#11 "
	    "md/libcurl#" LIBCURL_VERSION " cfg/retry-mode#standard%s%s",
	    msg_name(), strcmp(u.sysname, "Linux") == 0 ? "linux" : u.sysname,
	    u.release, u.machine, app != NULL ? " app/" : "",
	    app != NULL ? app : "");
	free(app);
	return s;
}

static void
prepare_http(struct aws *a)
{
	const char *source;
	struct http_opts o = {
		.connect_timeout = a->opts->connect_timeout,
		.read_timeout = a->opts->read_timeout,
	};

	a->ca_bundle = a->opts->ca_bundle;
	if (a->ca_bundle == NULL)
		a->ca_bundle = setting(a, "AWS_CA_BUNDLE", "ca_bundle",
		    &source);
	o.ca_bundle = a->ca_bundle;
	a->http = http_new(&o);
}

static void *
crypto_malloc(size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return xmalloc(size);
}

static void *
crypto_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file, (void)line;
	return xwipe_realloc(p, size);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	xwipe_free(p);
}

/*
 * JSON and TLS hold secrets, so what these libraries free is wiped. And
 * libcrypto crashes when its memory runs out while it starts. It takes no
 * other allocator once it has started, which a program that spoke TLS
 * before us may have caused: then it keeps its own. It does not clean up at
 * exit: that needs memory again, when all is said and done.
 */
static void
share_allocators(void)
{
	json_set_alloc_funcs(xmalloc, xwipe_free);
	(void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc,
	    crypto_free);
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

struct aws *
aws_open(const struct aws_opts *opts, struct err *e)
{
	struct aws *a;

	share_allocators();
	a = xcalloc(1, sizeof(*a));
	a->opts = opts;
	a->retry_quota = RETRY_QUOTA;
	a->conf = conf_load(e);
	if (a->conf == NULL || choose_profile(a, e) == -1 ||
	    choose_region(a, e) == -1 || choose_retries(a, e) == -1 ||
	    choose_flag(a, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint",
	    &a->fips, e) == -1 ||
	    choose_flag(a, "AWS_USE_DUALSTACK_ENDPOINT",
	    "use_dualstack_endpoint", &a->dualstack, e) == -1) {
		aws_close(a);
		return NULL;
	}
	a->user_agent = make_user_agent(a);
	prepare_http(a);
	a->cred = cred_chain_new(a);
	return a;
}

void
aws_close(struct aws *a)
{
	if (a == NULL)
		return;
	cred_chain_free(a->cred);
	http_free(a->http);
	conf_free(a->conf);
	free(a->user_agent);
	free(a->region_source);
	free(a->region);
	free(a);
}

const char *
aws_region(const struct aws *a)
{
	return a->region;
}

const char *
aws_region_source(const struct aws *a)
{
	return a->region_source;
}

void
aws_set_deadline(struct aws *a, const struct wait *deadline)
{
	a->deadline = deadline;
}
