/* cred_json.c - credentials as members of a JSON object */
#include <string.h>

#include "aws/cred_source.h"
#include "base/alloc.h"

/* A member that is there and not empty: 1, 0 when it is not, or -1. */
static int
get_text(const json_t *o, const char *name, const char **out, struct err *e)
{
	const json_t *v = json_object_get(o, name);

	*out = json_string_value(v);
	if (*out == NULL && v != NULL && !json_is_null(v))
		return err_set(e, ERR_CRED, "'%s' is not a string", name);
	return *out != NULL && **out != '\0';
}

static int
get_expiry(const json_t *o, const struct cred_members *m, time_t *out,
    struct err *e)
{
	const json_t *v = json_object_get(o, m->expires);
	const char *s;
	int found;

	if (m->ms) {
		if (!json_is_integer(v) || json_integer_value(v) <= 0)
			return err_set(e, ERR_CRED, "'%s' is not a time in "
			    "milliseconds", m->expires);
		*out = (time_t)(json_integer_value(v) / 1000);
		return 0;
	}
	found = get_text(o, m->expires, &s, e);
	if (found == 1 && cred_time(s, out) == -1)
		return err_set(e, ERR_CRED, "'%s' is not a time such as "
		    "2026-11-21T03:24:00Z", m->expires);
	if (found == 0 && !m->lasting)
		return err_set(e, ERR_CRED, "no '%s'", m->expires);
	return found == -1 ? -1 : 0;
}

int
cred_from_json(const json_t *o, const struct cred_members *m,
    struct cred *out, struct err *e)
{
	const struct {
		const char *name;
		char **to;
		bool needed;
	} texts[] = {
		{ m->id, &out->access_key_id, true },
		{ m->secret, &out->secret_access_key, true },
		{ m->token, &out->session_token, !m->lasting },
		{ m->account, &out->account_id, false }
	};
	const char *s;

	if (!json_is_object(o))
		return err_set(e, ERR_CRED, "not a JSON object");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int found = texts[i].name == NULL ? 0 :
		    get_text(o, texts[i].name, &s, e);

		if (found == 1)
			*texts[i].to = xstrdup(s);
		else if (found == -1)
			return -1;
		else if (texts[i].needed)
			return err_set(e, ERR_CRED, "no '%s'",
			    texts[i].name);
	}
	return get_expiry(o, m, &out->expires, e);
}
