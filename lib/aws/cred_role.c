/*
 * cred_role.c - a profile that is a role: role_arn with source_profile or
 * credential_source, one upon the other as often as the user likes
 *
 * Surprising: a profile may name itself as its source. Its own keys are then
 * the source, which is also how the AWS CLI reads it.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/cred_source.h"
#include "base/alloc.h"

/* STS's bounds; what is out of them would only fail later and less clearly. */
enum { DURATION_MIN = 900, DURATION_MAX = 12 * 3600 };

/* The profiles on the way from the one the user chose to its source. */
struct path {
	const char *profile;
	const struct path *parent;
};

static int find_role(const struct cred_query *q, const struct path *path,
    struct cred *out, struct err *e);

static const char *
get(const struct cred_query *q, const char *key)
{
	return conf_get(q->a->conf, q->profile, key);
}

/* Fill e: what is wrong with this key of this profile. */
static int
wrong(const struct cred_query *q, const char *key, const char *what,
    const char *subject, struct err *e)
{
	char *place = cred_place(q, key);

	err_set(e, ERR_CRED, "%s: %s: '%s' %s", place, key, subject, what);
	free(place);
	return -1;
}

/* A profile with both is a web identity, which cred_web() knows. */
static bool
is_role(const struct cred_query *q)
{
	return get(q, "role_arn") != NULL &&
	    get(q, "web_identity_token_file") == NULL;
}

static bool
has_keys(const struct cred_query *q)
{
	return get(q, "aws_access_key_id") != NULL ||
	    get(q, "aws_secret_access_key") != NULL;
}

static int
from_named_source(const struct cred_query *q, const char *name,
    struct cred *out, struct err *e)
{
	static const struct { const char *name; cred_source *source; } t[] = {
		{ "Environment", cred_env },
		{ "EcsContainer", cred_container },
		{ "Ec2InstanceMetadata", cred_imds }
	};
	int ret;

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		if (strcmp(t[i].name, name) != 0)
			continue;
		ret = t[i].source(q, out, e);
		return ret != 0 ? ret : wrong(q, "credential_source",
		    "has no credentials", name, e);
	}
	wrong(q, "credential_source", "is no source", name, e);
	return err_hint(e, "it is Environment, EcsContainer or "
	    "Ec2InstanceMetadata");
}

static int
check_loop(const struct cred_query *q, const struct path *path,
    const struct cred_query *source, struct err *e)
{
	for (const struct path *p = path; p != NULL; p = p->parent) {
		if (strcmp(p->profile, source->profile) != 0)
			continue;
		if (p == path && has_keys(source))
			return 0;
		wrong(q, "source_profile", "leads in a circle",
		    source->profile, e);
		return err_hint(e, p == path ? "a profile that is its own "
		    "source needs keys of its own" :
		    "one of these profiles must have credentials itself");
	}
	return 0;
}

static int
from_profile(const struct cred_query *q, const struct path *path,
    const char *name, struct cred *out, struct err *e)
{
	struct cred_query source = *q;
	struct path next = { name, path };
	int ret;

	if (!conf_has_profile(q->a->conf, name))
		return wrong(q, "source_profile", "is no profile", name, e);
	source.profile = name;
	source.env = false;
	if (check_loop(q, path, &source, e) == -1)
		return -1;
	if (is_role(&source) && !has_keys(&source))
		return find_role(&source, &next, out, e);
	ret = cred_profile(&source, out, e);
	return ret != 0 ? ret : wrong(q, "source_profile",
	    "has no credentials", name, e);
}

static int
find_source(const struct cred_query *q, const struct path *path,
    struct cred *out, struct err *e)
{
	const char *profile = get(q, "source_profile");
	const char *name = get(q, "credential_source");

	if (profile != NULL && name != NULL)
		return wrong(q, "role_arn", "has a source_profile and a "
		    "credential_source: it takes one",
		    get(q, "role_arn"), e);
	if (profile == NULL && name == NULL)
		return wrong(q, "role_arn", "needs a source_profile or a "
		    "credential_source", get(q, "role_arn"), e);
	if (name != NULL)
		return from_named_source(q, name, out, e);
	return from_profile(q, path, profile, out, e);
}

/*
 * The parameters of AssumeRole, from the profile's keys. In JSON they are
 * also the name under which the AWS CLI keeps the answer.
 */
static int
parameters(const struct cred_query *q, json_t **out, struct err *e)
{
	const char *duration = get(q, "duration_seconds");
	long n = duration == NULL ? 0 : strtol(duration, NULL, 10);

	if (duration != NULL && (strspn(duration, "0123456789") !=
	    strlen(duration) || n < DURATION_MIN || n > DURATION_MAX))
		return wrong(q, "duration_seconds", "is not a number from "
		    "900 to 43200", duration, e);
	*out = json_pack("{s:s, s:s*, s:s*, s:s*}",
	    "RoleArn", get(q, "role_arn"),
	    "RoleSessionName", get(q, "role_session_name"),
	    "ExternalId", get(q, "external_id"),
	    "SerialNumber", get(q, "mfa_serial"));
	if (n != 0)
		json_object_set_new(*out, "DurationSeconds",
		    json_integer(n));
	return 0;
}

static void
parameters_key(const json_t *parameters, char key[CRED_KEY_SIZE])
{
	char *text = json_dumps(parameters, JSON_SORT_KEYS |
	    JSON_ENSURE_ASCII);

	cred_key(text, key);
	free(text);
}

/* Add the parameters to the form, and what they lack. */
static int
fill_form(const struct cred_query *q, json_t *parameters, struct form *form,
    struct err *e)
{
	const char *serial = get(q, "mfa_serial"), *name;
	char code[CRED_MFA_SIZE], *session = NULL, *number = NULL;
	json_t *value;

	if (serial != NULL && cred_ask_mfa(q, serial, code, e) == -1)
		return -1;
	if (serial != NULL)
		form_set(form, "TokenCode", code);
	json_object_foreach(parameters, name, value)
		if (json_is_string(value))
			form_set(form, name, json_string_value(value));
	value = json_object_get(parameters, "DurationSeconds");
	if (value != NULL) {
		number = xasprintf("%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		form_set(form, "DurationSeconds", number);
	}
	if (get(q, "role_session_name") == NULL) {
		session = cred_session_name();
		form_set(form, "RoleSessionName", session);
	}
	free(number);
	free(session);
	return 0;
}

static int
assume(const struct cred_query *q, const struct path *path,
    json_t *parameters, struct cred *out, struct err *e)
{
	struct cred_role_call call = { .op = "AssumeRole",
		.method = "assume-role", .arn = get(q, "role_arn") };
	struct cred source = { 0 };
	struct form form = { 0 };
	int ret = -1;

	if (find_source(q, path, &source, e) == 1 &&
	    fill_form(q, parameters, &form, e) == 0) {
		call.as.cred = &source;
		out->source = source.source;	/* the chain goes on */
		source.source = NULL;
		ret = cred_call_sts(q, &call, &form, out, e);
	}
	form_release(&form);
	cred_release(&source);
	return ret;
}

static int
find_role(const struct cred_query *q, const struct path *path,
    struct cred *out, struct err *e)
{
	char key[CRED_KEY_SIZE];
	json_t *p = NULL;
	int ret = 1;

	if (parameters(q, &p, e) == -1)
		return -1;
	parameters_key(p, key);
	if (!cred_recall(q, key, out)) {
		ret = assume(q, path, p, out, e) == 0 ? 1 : -1;
		if (ret == 1)
			cred_remember(q, key, out);
	} else if (out->source == NULL) {
		cred_step(out, "assume-role '%s' (kept by the AWS CLI)",
		    get(q, "role_arn"));
	}
	json_decref(p);
	return ret;
}

int
cred_role(const struct cred_query *q, struct cred *out, struct err *e)
{
	struct path top = { q->profile, NULL };

	return is_role(q) ? find_role(q, &top, out, e) : 0;
}
