/* cred.c - the chain of credential sources, and renewal */
#include <sys/prctl.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/cred_source.h"
#include "base/alloc.h"
#include "base/stamp.h"

/*
 * botocore's numbers, in seconds: from EARLY on before the end we try to
 * renew, from LATE on it has to succeed. Credentials that live shorter
 * than that are not fetched for every request, but once in PAUSE.
 */
static const time_t EARLY = 15 * 60, LATE = 10 * 60;
static const double PAUSE = 60;

/* After the keys of the environment and a role. */
static cred_source *const profile_sources[] = {
	cred_web, cred_sso, cred_shared_file, cred_login, cred_process,
	cred_config_file
};

static cred_source *const machine_sources[] = {
	cred_old_file, cred_container, cred_imds
};

void
cred_release(struct cred *c)
{
	xwipe_free(c->access_key_id);
	xwipe_free(c->secret_access_key);
	xwipe_free(c->session_token);
	free(c->account_id);
	free(c->source);
	memset(c, 0, sizeof(*c));
}

const char *
cred_getenv(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

int
cred_time(const char *s, time_t *out)
{
	char copy[64];
	size_t len = strlen(s);

	if (len < 5 || len + 2 > sizeof(copy))
		return -1;
	memcpy(copy, s, len + 1);
	if (strcmp(copy + len - 3, "UTC") == 0)
		strcpy(copy + len - 3, "Z");
	else if ((copy[len - 5] == '+' || copy[len - 5] == '-') &&
	    strspn(copy + len - 4, "0123456789") == 4)
		snprintf(copy + len - 2, 4, ":%s", s + len - 2);
	return stamp_parse(copy, out);
}

void
cred_step(struct cred *out, const char *fmt, ...)
{
	char *before = out->source, *step;
	va_list ap;
	int len;

	/* Never cut: half a character would spoil the record. */
	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	step = xcalloc((size_t)len + 1, 1);
	va_start(ap, fmt);
	vsnprintf(step, (size_t)len + 1, fmt, ap);
	va_end(ap);
	out->source = xasprintf("%s%s%s", before == NULL ? "" : before,
	    before == NULL ? "" : " > ", step);
	free(before);
	free(step);
}

void
cred_note(struct cred_chain *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->note, sizeof(c->note), fmt, ap);
	va_end(ap);
}

char *
cred_place(const struct cred_query *q, const char *key)
{
	char *where = conf_place(q->a->conf, q->profile, key);
	char *place = xasprintf(*where == '\0' ? "profile '%s'%s" :
	    "profile '%s' (%s)", q->profile, where);

	free(where);
	return place;
}

time_t
cred_now(const struct aws *a)
{
	return time(NULL) + (time_t)a->skew;
}

static int
first_of(cred_source *const *list, size_t n, const struct cred_query *q,
    struct cred *out, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++)
		ret = list[i](q, out, e);
	return ret;
}

int
cred_profile(const struct cred_query *q, struct cred *out, struct err *e)
{
	return first_of(profile_sources, ARRAY_LEN(profile_sources), q, out,
	    e);
}

static int
find_any(struct cred_chain *c, struct cred *out, struct err *e)
{
	struct cred_query q = { .a = c->a, .chain = c,
		.profile = c->a->profile, .env = !c->a->profile_by_option };
	int ret = 0;

	if (q.env)
		ret = cred_env(&q, out, e);
	if (ret == 0)
		ret = cred_role(&q, out, e);
	if (ret == 0)
		ret = cred_profile(&q, out, e);
	if (ret == 0)
		ret = first_of(machine_sources, ARRAY_LEN(machine_sources),
		    &q, out, e);
	if (ret != 0)
		return ret;
	err_set(e, ERR_CRED, "no credentials: %sprofile '%s' has none, this "
	    "is no container, and the metadata service of an instance: %s",
	    q.env ? "AWS_ACCESS_KEY_ID is not set, " : "", q.profile,
	    c->note);
	return err_hint(e, "run 'aws configure' or 'aws sso login', or name "
	    "a profile that has credentials; see rs-whoami(1)");
}

/* They become headers: anything but visible ASCII has no place there. */
static int
check_text(const struct cred *c, const char *s, const char *what,
    struct err *e)
{
	for (; s != NULL && *s != '\0'; s++)
		if (*s <= ' ' || *s >= 0x7f)
			return err_set(e, ERR_CRED, "%s: the %s holds a "
			    "blank, a control byte or a letter outside "
			    "ASCII", c->source, what);
	return 0;
}

static int
check(const struct cred_chain *chain, const struct cred *c, struct err *e)
{
	char when[STAMP_SIZE];

	if (check_text(c, c->access_key_id, "access key", e) == -1 ||
	    check_text(c, c->session_token, "session token", e) == -1)
		return -1;
	if (c->expires == 0 || c->expires > cred_now(chain->a))
		return 0;
	stamp_format(c->expires, when);
	return err_set(e, ERR_CRED, "%s: these credentials expired at %s",
	    c->source, when);
}

static int
find(struct cred_chain *c, struct cred *out, struct err *e)
{
	if (find_any(c, out, e) == 1 && check(c, out, e) == 0)
		return 0;
	cred_release(out);
	return -1;
}

struct cred_chain *
cred_chain_new(struct aws *a)
{
	struct cred_chain *c = xcalloc(1, sizeof(*c));

	c->a = a;
	/* Best effort: what cannot be refused here only makes a core. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return c;
}

void
cred_chain_free(struct cred_chain *c)
{
	if (c == NULL)
		return;
	cred_release(&c->current);
	cred_forget_kept(c);
	free(c);
}

void
cred_forget(struct cred_chain *c)
{
	cred_release(&c->current);
	cred_forget_kept(c);
	c->refused = true;
}

const struct cred *
cred_get(struct cred_chain *c, struct err *e)
{
	struct cred fresh = { 0 }, *now = &c->current;
	time_t left = now->expires - cred_now(c->a);
	bool have = now->access_key_id != NULL;
	struct err why = { 0 };

	if (have && (now->expires == 0 || left >= EARLY ||
	    (left > 0 && wait_now() < c->next_try)))
		return now;
	if (find(c, &fresh, &why) == -1 && (!have || left < LATE)) {
		*e = why;
		return NULL;
	}
	c->next_try = wait_now() + PAUSE;
	if (fresh.access_key_id != NULL) {
		cred_release(now);
		*now = fresh;
		c->renewal = true;
	}
	return now;
}

const struct cred *
aws_credentials(struct aws *a, struct err *e)
{
	return cred_get(a->cred, e);
}
