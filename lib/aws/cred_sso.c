/*
 * cred_sso.c - IAM Identity Center: the token that `aws sso login` left in
 * ~/.aws/sso/cache buys the credentials of a role
 *
 * Both forms are known: sso_session with its own section, whose token can be
 * renewed, and the older one with everything in the profile.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aws/cred_source.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/msg.h"
#include "base/stamp.h"

enum { FILE_MAX_BYTES = 256 << 10 };
static const time_t EARLY = 15 * 60;	/* a token is renewed before its end */
static const json_int_t LIFETIME_MAX = 366 * 24 * 3600;	/* AWS: 90 days */

struct sso {
	const struct cred_query *q;
	const char *session;	/* NULL: the older form */
	const char *start_url, *region, *account, *role;
	char *path;		/* of the token */
	json_t *token;
	time_t expires;		/* of the token */
};

static const char *
get(const struct cred_query *q, const char *key)
{
	return conf_get(q->a->conf, q->profile, key);
}

static int
hint_login(const struct sso *s, struct err *e)
{
	if (strcmp(s->q->profile, "default") == 0)
		return err_hint(e, "run: aws sso login");
	return err_hint(e, "run: aws sso login --profile '%s'",
	    s->q->profile);
}

/* A key of the profile or its sso-session, which must agree. */
static int
setting(const struct sso *s, const char *key, const char **out,
    struct err *e)
{
	const char *own = get(s->q, key), *shared = NULL;

	if (s->session != NULL)
		shared = conf_section(s->q->a->conf, "sso-session",
		    s->session, key);
	if (own != NULL && shared != NULL && strcmp(own, shared) != 0)
		return err_set(e, ERR_CRED, "'%s' is '%s' in the profile, "
		    "but '%s' in [sso-session %s]", key, own, shared,
		    s->session);
	*out = own != NULL ? own : shared;
	if (*out == NULL || **out == '\0')
		return err_set(e, ERR_CRED, "'%s' is missing", key);
	return 0;
}

static int
configure(struct sso *s, struct err *e)
{
	char key[CRED_KEY_SIZE], *name;

	s->session = get(s->q, "sso_session");
	if (s->session != NULL && !conf_has_section(s->q->a->conf,
	    "sso-session", s->session))
		return err_set(e, ERR_CRED, "there is no [sso-session %s] "
		    "in %s", s->session,
		    conf_path(s->q->a->conf, CONF_CONFIG));
	if (setting(s, "sso_start_url", &s->start_url, e) == -1 ||
	    setting(s, "sso_region", &s->region, e) == -1 ||
	    setting(s, "sso_account_id", &s->account, e) == -1 ||
	    setting(s, "sso_role_name", &s->role, e) == -1)
		return -1;
	cred_key(s->session != NULL ? s->session : s->start_url, key);
	name = xasprintf("~/.aws/sso/cache/%s.json", key);
	s->path = file_expand(name);
	free(name);
	return 0;
}

static const char *
member(const struct sso *s, const char *name)
{
	return json_string_value(json_object_get(s->token, name));
}

static int
load_token(struct sso *s, struct err *e)
{
	struct buf text;
	const char *expires;
	int ret = file_read(s->path, FILE_MAX_BYTES, &text, e);

	json_decref(s->token);
	s->token = NULL;
	if (ret == 1)
		s->token = json_loadb(text.s, text.len, 0, NULL);
	buf_wipe(&text);
	if (ret == -1) {
		e->kind = ERR_CRED;
		return -1;
	}
	if (ret == 0) {
		err_set(e, ERR_CRED, "not logged in: there is no %s",
		    s->path);
		return hint_login(s, e);
	}
	expires = member(s, "expiresAt");
	if (member(s, "accessToken") != NULL && expires != NULL &&
	    cred_time(expires, &s->expires) == 0)
		return 0;
	err_set(e, ERR_CRED, "there is no token in %s", s->path);
	return hint_login(s, e);
}

/* Only the newer form has what it takes, and only for some months. */
static bool
can_renew(const struct sso *s)
{
	const char *until = member(s, "registrationExpiresAt");
	char *directory = xstrndup(s->path,
	    (size_t)(strrchr(s->path, '/') - s->path));
	time_t end;
	bool can = s->session != NULL && until != NULL &&
	    member(s, "refreshToken") != NULL &&
	    member(s, "clientId") != NULL &&
	    member(s, "clientSecret") != NULL &&
	    cred_time(until, &end) == 0 && end > cred_now(s->q->a);

	/* A renewed token that cannot be kept would cost the user the login. */
	can = can && access(directory, W_OK) == 0;
	free(directory);
	return can;
}

static int
save_token(struct sso *s, const json_t *answer, struct err *e)
{
	json_int_t lifetime = json_integer_value(json_object_get(answer,
	    "expiresIn"));
	json_t *token = json_object_get(answer, "accessToken");
	json_t *renewal = json_object_get(answer, "refreshToken");
	char when[STAMP_SIZE], *text;
	int ret;

	if (!json_is_string(token) || lifetime <= 0 ||
	    lifetime > LIFETIME_MAX)
		return err_set(e, ERR_AWS, "the answer has no "
		    "usable token");
	s->expires = cred_now(s->q->a) + (time_t)lifetime;
	stamp_format(s->expires, when);
	json_object_set(s->token, "accessToken", token);
	json_object_set_new(s->token, "expiresAt", json_string(when));
	json_object_set_new(s->token, "startUrl", json_string(s->start_url));
	json_object_set_new(s->token, "region", json_string(s->region));
	if (json_is_string(renewal))
		json_object_set(s->token, "refreshToken", renewal);
	text = json_dumps(s->token, JSON_ENSURE_ASCII);
	ret = file_replace(s->path, text, strlen(text), e);
	xwipe_free(text);
	return ret;
}

static int
create_token(struct sso *s, struct err *e)
{
	const struct aws_as as = { .anonymous = true, .region = s->region };
	json_t *answer = NULL, *body = json_pack("{s:s, s:s, s:s, s:s}",
	    "clientId", member(s, "clientId"),
	    "clientSecret", member(s, "clientSecret"),
	    "grantType", "refresh_token",
	    "refreshToken", member(s, "refreshToken"));
	const struct aws_rest call = { .op = "CreateToken",
		.method = "POST", .path = "/token", .body = body };
	int ret = aws_rest_as(s->q->a, &as, AWS_SSO_OIDC, &call, &answer, e);

	json_decref(body);
	if (ret == 0)
		ret = save_token(s, answer, e);
	json_decref(answer);
	return ret;
}

/*
 * Make sure of a token that is good now. A renewal that fails may have lost
 * against another process, whose token is then in the file.
 */
static int
ensure_token(struct sso *s, struct err *e)
{
	time_t now = cred_now(s->q->a);

	if (load_token(s, e) == -1)
		return -1;
	if (s->expires - now < EARLY && can_renew(s) &&
	    create_token(s, e) == -1) {
		if (e->kind == ERR_SIGNAL || e->kind == ERR_SYSTEM)
			return -1;
		msg_debug(1, "cannot renew the token in %s: %s", s->path,
		    e->msg);
		if (load_token(s, e) == -1)
			return -1;
	}
	if (s->expires > now)
		return 0;
	err_set(e, ERR_CRED, "the login has expired");
	return hint_login(s, e);
}

static int
get_role_credentials(const struct sso *s, struct cred *out, struct err *e)
{
	static const struct cred_members members = { .id = "accessKeyId",
		.secret = "secretAccessKey", .token = "sessionToken",
		.expires = "expiration", .ms = true };
	const struct aws_as as = { .anonymous = true, .region = s->region };
	struct form query = { 0 };
	const struct aws_rest call = { .op = "GetRoleCredentials",
		.method = "GET", .path = "/federation/credentials",
		.query = &query, .header = { .secret = true,
		.name = "x-amz-sso_bearer_token",
		.value = member(s, "accessToken") } };
	json_t *answer = NULL;
	int ret;

	form_set(&query, "role_name", s->role);
	form_set(&query, "account_id", s->account);
	ret = aws_rest_as(s->q->a, &as, AWS_SSO, &call, &answer, e);
	form_release(&query);
	if (ret == 0)
		ret = cred_from_json(json_object_get(answer,
		    "roleCredentials"), &members, out, e);
	json_decref(answer);
	if (ret == -1 && (e->http == 401 ||
	    err_is(e, "UnauthorizedException"))) {
		e->kind = ERR_CRED;
		hint_login(s, e);
	}
	return ret;
}

int
cred_sso(const struct cred_query *q, struct cred *out, struct err *e)
{
	struct sso s = { .q = q };
	char *place;
	int ret;

	if (get(q, "sso_role_name") == NULL &&
	    get(q, "sso_account_id") == NULL)
		return 0;
	ret = configure(&s, e);
	if (ret == 0)
		ret = ensure_token(&s, e);
	if (ret == 0)
		ret = get_role_credentials(&s, out, e);
	if (ret == 0) {
		out->account_id = xstrdup(s.account);
		cred_step(out, "sso '%s' %s/%s", q->profile, s.account,
		    s.role);
	} else {
		place = cred_place(q, "sso_role_name");
		err_prefix(e, "%s: cannot get credentials through SSO",
		    place);
		free(place);
	}
	json_decref(s.token);
	free(s.path);
	return ret == 0 ? 1 : -1;
}
