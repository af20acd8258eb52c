/* What --debug shows of a body, and what it does not. */
#include <stdlib.h>

#include "aws/http_debug.h"
#include "aws/op.h"

#include "tap.h"

static void
shows(const char *body, const char *wanted)
{
	struct buf b = { 0 };

	buf_init(&b, 1 << 16);
	http_debug_mask(body, strlen(body), &b);
	is_str(b.s, wanted, body);
	buf_release(&b);
}

int
main(void)
{
	char big[5000];
	struct buf b = { 0 };

	shows("{\"dbPassword\":\"x\",\"a\":1}",
	    "{\"dbPassword\":\"***\",\"a\":1}");
	shows("{\"SecretString\" : \"{\\\"password\\\":\\\"p\\\"}\"}",
	    "{\"SecretString\" : \"***\"}");
	shows("{\"password\":12345}", "{\"password\":***");
	shows("{\"secretArn\":\"arn:x\",\"SecretId\":\"y\"}",
	    "{\"secretArn\":\"arn:x\",\"SecretId\":\"y\"}");
	shows("<SecretAccessKey>x</SecretAccessKey><A>y</A>",
	    "<SecretAccessKey>***</SecretAccessKey><A>y</A>");
	shows("Action=X&MasterUserPassword=x&Name=y",
	    "Action=X&MasterUserPassword=***&Name=y");
	shows("{\"master_user_password\":\"x\"}",
	    "{\"master_user_password\":\"***\"}");
	shows("{\"nextToken\":\"shown\"}", "{\"nextToken\":\"shown\"}");
	shows("{\"Credentials\":{\"Id\":\"A\",\"SessionToken\":\"t\"}}",
	    "{\"Credentials\":{\"Id\":\"A\",\"SessionToken\":\"***\"}}");
	shows("{\"password\":\"cut", "{\"password\":\"***");
	shows("password", "password");
	shows("\"password\":", "\"password\":");
	memset(big, 'a', sizeof(big));
	buf_init(&b, 1 << 16);
	http_debug_mask(big, sizeof(big), &b);
	ok(b.len < 8192, "a long body is cut");
	buf_release(&b);
	ok(op_secret("GetSecretValue") && op_secret("GetCredentials") &&
	    op_secret("AssumeRoleWithWebIdentity") &&
	    !op_secret("ListWorkgroups"), "bodies that are not shown at all");
	return done();
}
