/* rs-endpoint-ips_external.c - Terraform's external data source protocol
 * One JSON object in, one out, every value a string; lists are JSON inside
 * a string. On failure nothing is written to stdout and the status is not 0
 * (hashicorp/terraform-provider-external, data_source.go). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "record/rec.h"
#include "rs-endpoint-ips.h"

enum { QUERY_MAX = 1 << 20 };

static int
add_name(struct query *q, const char *name, struct err *e)
{
	if (!names_valid_workgroup(name))
		return err_set(e, ERR_RECORD, "the query names '%s', which "
		    "cannot be a workgroup", name);
	names_add(&q->names, name);
	return 0;
}

/* The workgroups of a JSON list in a string, or one name. */
static int
add_names(struct query *q, const char *value, struct err *e)
{
	json_t *name, *list;
	size_t i;
	int rc = 0;

	if (value[0] != '[')
		return add_name(q, value, e);
	list = json_loads(value, JSON_REJECT_DUPLICATES, NULL);
	if (list == NULL)
		rc = err_set(e, ERR_RECORD, "the query's \"workgroups\" is "
		    "not a JSON list: %s", value);
	json_array_foreach(list, i, name) {
		if (rc == 0 && !json_is_string(name))
			rc = err_set(e, ERR_RECORD, "the query's "
			    "\"workgroups\" holds something that is not a "
			    "string");
		if (rc == 0)
			rc = add_name(q, json_string_value(name), e);
	}
	json_decref(list);
	return rc;
}

static int
add_member(struct query *q, const char *key, json_t *value, struct err *e)
{
	const char *s = json_string_value(value);

	if (s == NULL)
		return err_set(e, ERR_RECORD, "the query's \"%s\" is not a "
		    "string", key);
	if (strcmp(key, "workgroup") == 0 || strcmp(key, "workgroups") == 0)
		return add_names(q, s, e);
	if (strcmp(key, "match") != 0)
		return err_set(e, ERR_RECORD, "the query has an unknown "
		    "member \"%s\"; known are workgroup, workgroups, match",
		    key);
	opt_list_add(&q->match, s);
	return 0;
}

static int
read_all(struct buf *b, struct err *e)
{
	char chunk[4096];
	ssize_t n = -1;

	if (isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "standard input is a terminal; "
		    "--external reads its query there");
	while (n != 0) {
		if (rec_wait_input(STDIN_FILENO, "the query", e) == -1)
			return -1;
		n = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, errno, "cannot read the query");
		if (n > 0 && buf_add(b, chunk, (size_t)n) == -1)
			return err_set(e, ERR_RECORD, "the query is longer "
			    "than %d bytes", QUERY_MAX);
	}
	return 0;
}

int
external_read(struct query *q, json_t **query, struct err *e)
{
	struct buf b;
	const char *key;
	json_t *value;
	int rc;

	buf_init(&b, QUERY_MAX);
	rc = read_all(&b, e);
	*query = rc == 0 ? json_loadb(b.s, b.len, JSON_REJECT_DUPLICATES,
	    NULL) : NULL;
	buf_release(&b);
	if (rc == 0 && !json_is_object(*query))
		rc = err_set(e, ERR_RECORD, "the query on standard input is "
		    "not one JSON object");
	json_object_foreach(*query, key, value)
		if (rc == 0)
			rc = add_member(q, key, value, e);
	if (rc == 0 && q->names.n == 0 && q->match.n == 0)
		rc = err_set(e, ERR_RECORD, "the query names no workgroup: "
		    "give workgroup, workgroups or match");
	return rc;
}

/* A string that holds JSON, the protocol's only way to carry a list. */
static json_t *
as_string(const json_t *list)
{
	char *text = json_dumps(list, JSON_COMPACT);
	json_t *s = json_string(text);

	free(text);
	return s;
}

int
external_write(const json_t *ips, struct err *e)
{
	json_t *ip, *addresses = json_array(), *answer;
	char count[24];
	size_t i;
	int rc;

	json_array_foreach(ips, i, ip)
		json_array_append(addresses, json_object_get(ip, "ip"));
	snprintf(count, sizeof(count), "%zu", json_array_size(ips));
	answer = json_pack("{s:o, s:o, s:s}", "ips", as_string(addresses),
	    "targets", as_string(ips), "count", count);
	rc = json_dumpf(answer, stdout, JSON_COMPACT);
	if (rc == -1 || putchar('\n') == EOF || fflush(stdout) != 0 ||
	    fclose(stdout) != 0)
		rc = err_sys(e, errno, "cannot write to standard output");
	json_decref(addresses);
	json_decref(answer);
	return rc;
}
