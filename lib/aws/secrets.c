/* secrets.c - the Secrets Manager calls the suite makes */
#include <string.h>

#include <openssl/crypto.h>

#include "aws/api.h"
#include "aws/secrets.h"

void
secrets_free(json_t *secret)
{
	const char *name;
	json_t *v;

	json_object_foreach(secret, name, v) {
		if (json_is_string(v))
			OPENSSL_cleanse((char *)json_string_value(v),
			    json_string_length(v));
	}
	json_decref(secret);
}

/* Both are there and not empty; says which is not, and never what it is. */
static int
check(const json_t *secret, const char *arn, struct err *e)
{
	static const char *const wanted[] = { "username", "password" };
	const char *v;

	if (!json_is_object(secret))
		return err_set(e, ERR_NO, "secret '%s' is not a JSON object",
		    arn);
	for (size_t i = 0; i < 2; i++) {
		v = json_string_value(json_object_get(secret, wanted[i]));
		if (v == NULL || *v == '\0')
			return err_set(e, ERR_NO, "secret '%s' has no \"%s\"",
			    arn, wanted[i]);
	}
	return 0;
}

int
secrets_database(struct aws *a, const char *arn, json_t **secret,
    struct err *e)
{
	json_t *body = json_pack("{s:s}", "SecretId", arn), *reply = NULL;
	json_t *parsed = NULL;
	const char *text;
	int rc;

	rc = aws_json(a, AWS_SECRETSMANAGER, "GetSecretValue", body, &reply,
	    e);
	json_decref(body);
	if (rc == -1)
		return err_prefix(e, "cannot read secret '%s'", arn);
	text = json_string_value(json_object_get(reply, "SecretString"));
	if (text != NULL)
		parsed = json_loads(text, 0, NULL);
	rc = check(parsed, arn, e);
	secrets_free(reply);
	if (rc == 0)
		*secret = parsed;
	else
		secrets_free(parsed);
	return rc;
}
