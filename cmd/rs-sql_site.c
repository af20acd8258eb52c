/*
 * rs-sql_site.c - where a warehouse is, and who we are there
 *
 * Its address comes from --host, a workgroup record, libpq's settings, or
 * GetWorkgroup; who we are from libpq's settings, --secret-arn, or else
 * GetCredentials.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "aws/api.h"
#include "aws/secrets.h"
#include "aws/serverless.h"
#include "base/alloc.h"
#include "record/names.h"
#include "rs-sql.h"
#include "sql/data_api.h"
#include "sql/pg.h"

/* What a namespace has when nobody chose another name. */
static const char DEFAULT_DATABASE[] = "dev";

/*
 * The value that a list of [NAME=]VALUE has for a warehouse: its own, or
 * the one without a name. An ARN may hold a "=" of its own.
 */
static const char *
lookup(const struct opt_list *list, const char *name)
{
	const char *common = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const char *equals = strchr(list->v[i], '=');
		char *owner = equals == NULL ? NULL :
		    xstrndup(list->v[i], (size_t)(equals - list->v[i]));
		bool named = owner != NULL && names_valid_workgroup(owner);
		bool ours = named && name != NULL && strcmp(owner, name) == 0;

		free(owner);
		if (ours)
			return equals + 1;
		if (!named)
			common = list->v[i];
	}
	return common;
}

static struct aws *
session(struct sites *sites, struct err *e)
{
	if (sites->aws == NULL)
		sites->aws = aws_open(&sites->o->aws, e);
	if (sites->aws != NULL)
		aws_set_deadline(sites->aws, sites->deadline);
	return sites->aws;
}

/* Do libpq's settings name a server? */
static bool
environment_names_server(void)
{
	return pg_environment_has("host") || pg_environment_has("hostaddr");
}

/*
 * The statements without "on" are for the only warehouse: the one of the
 * stream, when nothing else says where.
 */
static void
locate_unnamed(struct plan *plan, size_t unnamed)
{
	size_t only = unnamed;

	for (size_t i = 0; i < plan->n_sites; i++) {
		if (plan->sites[i].name == NULL)
			continue;
		if (only != unnamed)
			return;
		only = i;
	}
	if (only == unnamed)
		return;
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].site == unnamed)
			plan->v[i].site = only;
	plan->sites[unnamed].used = false;
	plan->sites[only].used = true;
}

/* libpq's settings name one server, so they stand for one warehouse. */
static int
locate_by_environment(struct plan *plan, struct err *e)
{
	const struct site *first = NULL;

	for (size_t i = 0; i < plan->n_sites; i++) {
		struct site *site = &plan->sites[i];

		if (!site->used || site->host != NULL)
			continue;
		if (first != NULL && first->name != NULL &&
		    site->name != NULL) {
			err_set(e, ERR_USAGE, "libpq's settings name one "
			    "server, but '%s' and '%s' are two", first->name,
			    site->name);
			return err_hint(e, "give --host NAME=ADDRESS for "
			    "each, or unset PGHOST, PGHOSTADDR and PGSERVICE");
		}
		site->environment = true;
		first = site;
	}
	return 0;
}

static int
take_description(struct site *site, const json_t *by_name, struct err *e)
{
	const json_t *description = json_object_get(by_name, site->name);
	const json_t *endpoint = json_object_get(description, "endpoint");
	const char *address = json_string_value(json_object_get(endpoint,
	    "address"));
	json_int_t port = json_integer_value(json_object_get(endpoint,
	    "port"));

	if (description == NULL)
		return err_set(e, ERR_AWS, "workgroup '%s' does not exist",
		    site->name);
	if (address == NULL)
		return err_set(e, ERR_AWS, "workgroup '%s' is %s and has no "
		    "address", site->name, sls_status_text(description));
	site->host = xstrdup(address);
	if (port > 0)
		site->port = xasprintf("%" JSON_INTEGER_FORMAT, port);
	return 0;
}

static int
locate_by_aws(struct sites *sites, struct plan *plan, struct err *e)
{
	struct names wanted = { 0 };
	json_t *by_name = NULL;
	int rc = 0;

	for (size_t i = 0; i < plan->n_sites; i++)
		if (plan->sites[i].used && plan->sites[i].host == NULL &&
		    plan->sites[i].name != NULL)
			names_add(&wanted, plan->sites[i].name);
	if (wanted.n > 0 && (session(sites, e) == NULL || sls_workgroups(
	    sites->aws, wanted.v, wanted.n, &by_name, e) == -1))
		rc = -1;
	for (size_t i = 0; rc == 0 && wanted.n > 0 && i < plan->n_sites; i++)
		if (plan->sites[i].used && plan->sites[i].host == NULL &&
		    plan->sites[i].name != NULL)
			rc = take_description(&plan->sites[i], by_name, e);
	json_decref(by_name);
	names_release(&wanted);
	return rc;
}

/* The Data API asks for names, not for addresses. */
static int
locate_by_name(struct sites *sites, struct plan *plan, struct err *e)
{
	for (size_t i = 0; i < plan->n_sites; i++)
		if (plan->sites[i].name == NULL)
			locate_unnamed(plan, i);
	for (size_t i = 0; i < plan->n_sites; i++) {
		if (plan->sites[i].used && plan->sites[i].name == NULL) {
			err_set(e, ERR_USAGE, "no workgroup is named");
			return err_hint(e, "the Data API needs --workgroup or "
			    "statements that say where");
		}
		sites->n_used += plan->sites[i].used;
	}
	return 0;
}

static void
locate_by_option(const struct opts *o, struct site *site)
{
	const char *host = lookup(&o->host, site->name);

	if (host == NULL)
		return;
	free(site->host);
	site->host = xstrdup(host);
}

/* --service works by PGSERVICE, so that all of libpq's rules hold. */
int
site_locate(struct sites *sites, struct plan *plan, struct err *e)
{
	if (sites->o->service != NULL)
		setenv("PGSERVICE", sites->o->service, 1);
	if (sites->o->data_api)
		return locate_by_name(sites, plan, e);
	for (size_t i = 0; i < plan->n_sites; i++)
		locate_by_option(sites->o, &plan->sites[i]);
	if (environment_names_server())
		return locate_by_environment(plan, e);
	for (size_t i = 0; i < plan->n_sites; i++)
		if (plan->sites[i].name == NULL && plan->sites[i].host == NULL)
			locate_unnamed(plan, i);
	return locate_by_aws(sites, plan, e);
}

/* Who we are: strings to be wiped. */
struct login {
	char *user;
	char *password;
};

static void
wipe(char *s)
{
	if (s != NULL)
		OPENSSL_cleanse(s, strlen(s));
	free(s);
}

static void
login_release(struct login *login)
{
	wipe(login->user);
	wipe(login->password);
}

/* Copies of two members; what the answer held of the second is wiped. */
static int
take_login(struct login *login, json_t *object, const char *user,
    const char *password, struct err *e)
{
	const char *name = json_string_value(json_object_get(object, user));
	json_t *secret = json_object_get(object, password);
	const char *text = json_string_value(secret);

	if (name == NULL || text == NULL)
		return err_set(e, ERR_CRED, "it has no \"%s\" and \"%s\"",
		    user, password);
	login->user = xstrdup(name);
	login->password = xstrdup(text);
	OPENSSL_cleanse((char *)text, json_string_length(secret));
	return 0;
}

static int
temporary_login(struct sites *sites, const struct site *site,
    const char *database, struct login *login, struct err *e)
{
	json_t *body = json_pack("{s:s, s:s*}", "workgroupName", site->name,
	    "dbName", database);
	json_t *reply = NULL;
	int rc = -1;

	if (session(sites, e) != NULL && aws_json(sites->aws,
	    AWS_REDSHIFT_SERVERLESS, "GetCredentials", body, &reply, e) == 0)
		rc = take_login(login, reply, "dbUser", "dbPassword", e);
	json_decref(reply);
	json_decref(body);
	if (rc == -1)
		err_prefix(e, "cannot get credentials for workgroup '%s'",
		    site->name);
	return rc;
}

static int
secret_login(struct sites *sites, const char *arn, struct login *login,
    struct err *e)
{
	json_t *secret = NULL;
	int rc;

	if (session(sites, e) == NULL)
		return -1;
	rc = secrets_database(sites->aws, arn, &secret, e);
	if (rc == 0)
		rc = take_login(login, secret, "username", "password", e);
	if (e->kind == ERR_NO)
		e->kind = ERR_CRED;
	secrets_free(secret);
	return rc;
}

/* Did the user tell libpq who to be? Then that is left alone. */
static bool
has_own_login(const struct opts *o)
{
	return o->user != NULL || getenv("PGUSER") != NULL ||
	    getenv("PGPASSFILE") != NULL || getenv("PGSERVICE") != NULL ||
	    pg_environment_has("password");
}

static struct conn *
open_pg(struct sites *sites, const struct site *site, const char *database,
    const struct login *login, struct err *e)
{
	const struct opts *o = sites->o;
	char *port = o->port > 0 ? xasprintf("%lu", o->port) : NULL;
	struct pg_target target = {
		.host = site->host,
		.hostaddr = lookup(&o->hostaddr, site->name),
		.port = port != NULL ? port : site->port,
		.database = database,
		.user = login->user != NULL ? login->user : o->user,
		.password = login->password,
		.connect_timeout = o->aws.connect_timeout
	};
	struct conn *c = pg_open(&target, e);

	free(port);
	return c;
}

static struct conn *
open_data(struct sites *sites, const struct site *site, const char *database,
    struct err *e)
{
	struct data_target target = {
		.aws = session(sites, e),
		.workgroup = site->name,
		.database = database,
		.secret_arn = lookup(&sites->o->secret_arn, site->name),
		.deadline = sites->deadline,
		.alone = sites->n_used == 1
	};

	return target.aws != NULL ? data_open(&target) : NULL;
}

struct conn *
site_open(struct sites *sites, const struct site *site, const char *database,
    struct err *e)
{
	const char *arn = lookup(&sites->o->secret_arn, site->name);
	struct login login = { 0 };
	struct conn *c = NULL;
	int rc = 0;

	if (database == NULL)
		database = sites->o->database;
	if (database == NULL && (sites->o->data_api ||
	    !pg_environment_has("dbname")))
		database = DEFAULT_DATABASE;
	if (sites->o->data_api)
		return open_data(sites, site, database, e);
	if (arn != NULL)
		rc = secret_login(sites, arn, &login, e);
	else if (site->name != NULL && !has_own_login(sites->o))
		rc = temporary_login(sites, site, database, &login, e);
	if (rc == 0)
		c = open_pg(sites, site, database, &login, e);
	login_release(&login);
	return c;
}

void
sites_release(struct sites *sites)
{
	aws_close(sites->aws);
	sites->aws = NULL;
}
