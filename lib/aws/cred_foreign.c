/*
 * cred_foreign.c - sources that other programs use and we do not
 *
 * To pass over one that is configured would end in another identity than
 * the user means. So the search stops here and says what to do instead.
 */
#include <stdlib.h>

#include "aws/cred_source.h"

int
cred_login(const struct cred_query *q, struct cred *out, struct err *e)
{
	char *place;

	(void)out;
	if (conf_get(q->a->conf, q->profile, "login_session") == NULL)
		return 0;
	place = cred_place(q, "login_session");
	err_set(e, ERR_CRED, "%s: login_session: only the AWS CLI can use "
	    "these credentials", place);
	free(place);
	return err_hint(e, "run: eval \"$(aws configure export-credentials "
	    "--profile '%s' --format env)\"", q->profile);
}

int
cred_old_file(const struct cred_query *q, struct cred *out, struct err *e)
{
	(void)q;
	(void)out;
	if (cred_getenv("AWS_CREDENTIAL_FILE") == NULL)
		return 0;
	err_set(e, ERR_CRED, "AWS_CREDENTIAL_FILE is set, but the form of "
	    "that file is not supported");
	return err_hint(e, "move the keys to %s, or unset it",
	    conf_path(q->a->conf, CONF_CREDENTIALS));
}
