/* op.c - what is known about operations by their names */
#include <string.h>

#include "aws/op.h"

/* How operations begin that only read, or set a state by name. */
static const char *const repeatable[] = {
	"Associate", "Authorize", "BatchGet", "Cancel", "Deauthorize",
	"Delete", "Deregister", "Describe", "Disassociate", "Filter", "Get",
	"Head", "List", "Lookup", "Modify", "PutItem", "PutResourcePolicy",
	"Query", "Register", "Reject", "Scan", "Search", "Set", "Simulate",
	"Tag", "Untag", "UpdateTable", "UpdateWorkgroup", "UpdateNamespace",
	"UpdateEndpointAccess", "UpdateUsageLimit", "UpdateTimeToLive",
	"AddTags", "RemoveTags",
	/* A second set of temporary credentials hurts nobody. */
	"AssumeRole",
};

/* Exceptions from the rows above. */
static const char *const not_repeatable[] = {
	"RegisterClient",	/* sso-oidc: makes a client each time */
};

/* Names of idempotency tokens. */
static const char *const token_names[] = {
	"clientToken", "ClientToken", "ClientRequestToken",
	"clientRequestToken", "IdempotencyToken", "CreatorRequestId",
};

/* How operations begin whose bodies hold keys, passwords or tokens. */
static const char *const secret[] = {
	"AssumeRole", "BatchExecuteStatement", "BatchGetSecretValue",
	"ChangePassword",
	"CreateAccessKey", "CreateCluster", "CreateDBCluster",
	"CreateDBInstance", "CreateLoginProfile", "CreateNamespace",
	"CreateSecret", "CreateToken", "DecodeAuthorizationMessage",
	"DescribeStatement", "ExecuteStatement",	/* SQL may hold any */
	"GetAuthorizationToken", "GetClusterCredentials", "GetCredentials",
	"GetFederationToken", "GetParameter", "GetPasswordData",
	"GetRandomPassword", "GetRoleCredentials", "GetSecretValue",
	"GetSessionToken", "ModifyCluster", "PutParameter", "PutSecretValue",
	"RegisterClient", "StartDeviceAuthorization", "UpdateLoginProfile",
	"UpdateNamespace", "UpdateSecret",
};

static bool
begins_with_any(const char *op, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(op, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

bool
op_repeatable(const char *op)
{
	return begins_with_any(op, repeatable, ARRAY_LEN(repeatable)) &&
	    !begins_with_any(op, not_repeatable, ARRAY_LEN(not_repeatable));
}

bool
op_has_token(const json_t *body)
{
	for (size_t i = 0; i < ARRAY_LEN(token_names); i++)
		if (json_is_string(json_object_get(body, token_names[i])))
			return true;
	return false;
}

bool
op_form_has_token(const struct form *form)
{
	for (size_t i = 0; i < ARRAY_LEN(token_names) && form != NULL; i++)
		if (form_get(form, token_names[i]) != NULL)
			return true;
	return false;
}

bool
op_secret(const char *op)
{
	return begins_with_any(op, secret, ARRAY_LEN(secret));
}
