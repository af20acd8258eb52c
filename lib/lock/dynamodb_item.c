/* dynamodb_item.c - the item of a lock, and the calls on it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/api.h"
#include "base/alloc.h"
#include "lock/dynamodb.h"

/* '#' is not in a lock's name, so this cannot be one. */
#define FENCE_PREFIX "rs-fence#"

static const double TABLE_TIMEOUT = 120;	/* seconds until it is up */
static const int64_t NUMBER_MAX = INT64_C(1) << 53;
enum { FENCE_TRIES = 5 };

bool
item_is_free(const struct item *i)
{
	return !i->exists || i->released;
}

void
item_release(struct item *i)
{
	free(i->version);
	free(i->owner);
	free(i->workgroup);
	free(i->token);
	memset(i, 0, sizeof(*i));
}

/* --- attributes --- */

static json_t *
attr_s(const char *s)
{
	return json_pack("{s:s}", "S", s);
}

static json_t *
attr_n(int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	return json_pack("{s:s}", "N", text);
}

/* The same as a string: what other clients expect of a version. */
static json_t *
attr_n_text(int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	return attr_s(text);
}

static json_t *
attr_ms(double seconds)
{
	char text[32];

	snprintf(text, sizeof(text), "%.0f", seconds * 1000);
	return attr_s(text);
}

static const char *
string_of(const json_t *item, const char *name)
{
	return json_string_value(json_object_get(json_object_get(item, name),
	    "S"));
}

/* Digits alone, up to 2^53; -1 for anything else. */
static int64_t
parse_number(const char *s)
{
	int64_t n;

	if (s == NULL || *s == '\0' || strlen(s) > 16 ||
	    s[strspn(s, "0123456789")] != '\0')
		return -1;
	n = strtoll(s, NULL, 10);
	return n <= NUMBER_MAX ? n : -1;
}

/* A number of an item: 0 when it has none, -1 when it is not a count. */
static int64_t
number_of(const json_t *item, const char *name)
{
	const json_t *n = json_object_get(item, name);

	return n == NULL ? 0 : parse_number(json_string_value(
	    json_object_get(n, "N")));
}

static json_t *
key_of(const char *prefix, const char *name)
{
	char *key = xasprintf("%s%s", prefix, name);
	json_t *o = json_pack("{s:{s:s}}", "key", "S", key);

	free(key);
	return o;
}

static void
copy_stamp(char out[STAMP_SIZE], const char *s)
{
	snprintf(out, STAMP_SIZE, "%s", s != NULL ? s : "");
}

static char *
copy_of(const json_t *item, const char *name)
{
	return xstrdup(string_of(item, name));
}

/*
 * What rs-lock wrote beside the protocol. Another client may take a lock
 * over and leave our attributes in the item: they count only together with
 * the version that they were written with.
 */
static void
decode_ours(const json_t *o, struct item *out)
{
	const char *with = string_of(o, "rsVersion");

	out->token = copy_of(o, "rsToken");
	out->fence = number_of(o, "rsFence");
	out->ours = out->token != NULL && out->fence >= 0 && with != NULL &&
	    strcmp(with, out->version) == 0;
	if (!out->ours) {
		free(out->token);
		out->token = xstrdup(out->version);
		out->fence = 0;
		return;
	}
	out->workgroup = copy_of(o, "rsWorkgroup");
	out->attended = json_object_get(o, "rsAttended") != NULL;
	copy_stamp(out->acquired_at, string_of(o, "rsAcquiredAt"));
	copy_stamp(out->renewed_at, string_of(o, "rsRenewedAt"));
}

static int
decode(const struct lock *l, const json_t *o, struct item *out,
    struct err *e)
{
	int64_t ms = parse_number(string_of(o, "leaseDuration"));

	out->version = copy_of(o, "recordVersionNumber");
	if (out->version == NULL || ms == -1)
		return err_set(e, ERR_SYSTEM, "the item '%s' of table '%s' "
		    "is not a lock: recordVersionNumber or leaseDuration is "
		    "missing or wrong", l->where->name, l->where->table);
	out->exists = true;
	out->released = json_object_get(o, "isReleased") != NULL;
	out->owner = copy_of(o, "ownerName");
	if (out->owner == NULL)
		out->owner = xstrdup("unknown");
	out->lease = (double)ms / 1000;
	decode_ours(o, out);
	return 0;
}

/* --- calls --- */

static void
say_remedy(struct err *e)
{
	if (err_is(e, "ResourceNotFoundException"))
		err_hint(e, "--create-table makes the table");
	else if (err_is(e, "ValidationException") &&
	    strstr(e->msg, "schema") != NULL)
		err_hint(e, "the table needs a partition key called 'key', a "
		    "string, and no sort key");
}

static int
call(struct lock *l, const char *op, json_t *body, json_t **reply,
    struct err *e)
{
	int rc;

	json_object_set_new(body, "TableName", json_string(l->where->table));
	rc = aws_json(l->aws, AWS_DYNAMODB, op, body, reply, e);
	if (rc == -1) {
		say_remedy(e);
	} else {
		l->heard = wait_now();
		l->known = true;
	}
	return rc;
}

static int
get(struct lock *l, json_t *key, json_t **item, struct err *e)
{
	json_t *body = json_pack("{s:o, s:b}", "Key", key, "ConsistentRead",
	    1), *reply = NULL;
	int rc = call(l, "GetItem", body, &reply, e);

	json_decref(body);
	if (rc == -1)
		return err_prefix(e, "cannot read lock '%s'", l->where->name);
	*item = json_incref(json_object_get(reply, "Item"));
	json_decref(reply);
	return 0;
}

int
item_read(struct lock *l, struct item *out, struct err *e)
{
	json_t *o;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (get(l, key_of("", l->where->name), &o, e) == -1)
		return -1;
	if (o != NULL)
		rc = decode(l, o, out, e);
	json_decref(o);
	return rc;
}

/* Add the condition that the item is as seen. */
static void
expect(json_t *body, const struct item *seen)
{
	json_t *names = json_object(), *values;

	json_object_set_new(names, "#k", json_string("key"));
	json_object_set_new(body, "ExpressionAttributeNames", names);
	if (!seen->exists) {
		json_object_set_new(body, "ConditionExpression",
		    json_string("attribute_not_exists(#k)"));
		return;
	}
	values = json_object_get(body, "ExpressionAttributeValues");
	if (values == NULL) {
		values = json_object();
		json_object_set_new(body, "ExpressionAttributeValues",
		    values);
	}
	json_object_set_new(names, "#v", json_string("recordVersionNumber"));
	json_object_set_new(values, ":seen", attr_s(seen->version));
	json_object_set_new(names, "#r", json_string("isReleased"));
	json_object_set_new(body, "ConditionExpression", json_string(
	    seen->released ? "attribute_exists(#k) AND #v = :seen AND "
	    "attribute_exists(#r)" : "attribute_exists(#k) AND #v = :seen "
	    "AND attribute_not_exists(#r)"));
}

/* Is the item the one that was seen, with nothing changed since? */
static bool
is_unchanged(const struct item *now, const struct item *seen)
{
	if (!now->exists || !seen->exists)
		return now->exists == seen->exists;
	return strcmp(now->version, seen->version) == 0 &&
	    now->released == seen->released;
}

/*
 * Did the write happen after all? A refused condition may be the trace of
 * our own first attempt, and an answer that was lost may have been a yes.
 * `mine` is NULL when the write was to delete.
 */
static enum written
look_up(struct lock *l, const struct item *mine, const struct item *seen,
    struct err *e)
{
	bool refused = err_is(e, "ConditionalCheckFailedException");
	struct err first = *e;
	struct item now;
	enum written result = WRITE_FAILED;

	if (e->kind != ERR_AWS)
		return WRITE_FAILED;
	*e = (struct err){ 0 };
	if (item_read(l, &now, e) == -1) {
		if (!refused)
			*e = first;
	} else if (mine != NULL ? now.exists && strcmp(now.version,
	    mine->version) == 0 : !now.exists)
		result = WRITE_DONE;
	else if (refused || !is_unchanged(&now, seen))
		result = WRITE_REFUSED;
	else
		*e = first;
	item_release(&now);
	return result;
}

/* Takes over body. */
static enum written
write_item(struct lock *l, const char *op, json_t *body,
    const struct item *mine, const struct item *seen, struct err *e)
{
	json_t *reply = NULL;
	int rc = call(l, op, body, &reply, e);
	enum written result;

	json_decref(reply);
	json_decref(body);
	result = rc == 0 ? WRITE_DONE : look_up(l, mine, seen, e);
	if (result == WRITE_FAILED)
		err_prefix(e, "cannot write lock '%s'", l->where->name);
	return result;
}

enum written
item_put(struct lock *l, const struct item *mine, const struct item *seen,
    struct err *e)
{
	json_t *body, *o = key_of("", l->where->name);

	json_object_set_new(o, "ownerName", attr_s(mine->owner));
	json_object_set_new(o, "leaseDuration", attr_ms(mine->lease));
	json_object_set_new(o, "recordVersionNumber", attr_s(mine->version));
	json_object_set_new(o, "rsVersion", attr_s(mine->version));
	json_object_set_new(o, "rsToken", attr_s(mine->token));
	json_object_set_new(o, "rsAcquiredAt", attr_s(mine->acquired_at));
	json_object_set_new(o, "rsRenewedAt", attr_s(mine->renewed_at));
	if (mine->workgroup != NULL)
		json_object_set_new(o, "rsWorkgroup",
		    attr_s(mine->workgroup));
	if (mine->attended)
		json_object_set_new(o, "rsAttended", attr_s("1"));
	body = json_pack("{s:o}", "Item", o);
	expect(body, seen);
	return write_item(l, "PutItem", body, mine, seen, e);
}

enum written
item_update(struct lock *l, const struct item *mine, const struct item *seen,
    struct err *e)
{
	json_t *body = json_pack("{s:o, s:s, s:{s:o, s:o, s:o, s:o}}",
	    "Key", key_of("", l->where->name),
	    "UpdateExpression", "SET #v = :v, rsVersion = :v, "
	    "leaseDuration = :l, rsFence = :f, rsRenewedAt = :t",
	    "ExpressionAttributeValues", ":v", attr_s(mine->version),
	    ":l", attr_ms(mine->lease), ":f", attr_n(mine->fence),
	    ":t", attr_s(mine->renewed_at));

	expect(body, seen);
	return write_item(l, "UpdateItem", body, mine, seen, e);
}

enum written
item_delete(struct lock *l, const struct item *seen, struct err *e)
{
	json_t *body = json_pack("{s:o}", "Key", key_of("", l->where->name));

	expect(body, seen);
	return write_item(l, "DeleteItem", body, NULL, seen, e);
}

/* --- the fence counter --- */

int
fence_read(struct lock *l, int64_t *out, struct err *e)
{
	json_t *o;

	if (get(l, key_of(FENCE_PREFIX, l->where->name), &o, e) == -1)
		return -1;
	*out = number_of(o, "rsFence");
	json_decref(o);
	if (*out < 0)
		return err_set(e, ERR_SYSTEM, "the item '%s%s' of table '%s' "
		    "is not a counter: rsFence is wrong", FENCE_PREFIX,
		    l->where->name, l->where->table);
	return 0;
}

/*
 * Raise the counter to `next` if that is larger than what it holds. To other
 * clients, which may read every item, it is a lock that is free.
 */
static enum written
fence_raise(struct lock *l, int64_t next, struct err *e)
{
	json_t *reply = NULL, *body = json_pack("{s:o, s:s, s:s, s:{s:s}, "
	    "s:{s:o, s:o, s:o, s:o, s:o}}",
	    "Key", key_of(FENCE_PREFIX, l->where->name),
	    "UpdateExpression", "SET rsFence = :n, ownerName = :o, "
	    "leaseDuration = :l, #v = :v, isReleased = :r",
	    "ConditionExpression",
	    "attribute_not_exists(rsFence) OR rsFence < :n",
	    "ExpressionAttributeNames", "#v", "recordVersionNumber",
	    "ExpressionAttributeValues", ":n", attr_n(next),
	    ":o", attr_s("rs-lock"), ":l", attr_s("0"),
	    ":v", attr_n_text(next), ":r", attr_s("1"));
	int rc = call(l, "UpdateItem", body, &reply, e);

	json_decref(reply);
	json_decref(body);
	if (rc == 0)
		return WRITE_DONE;
	if (!err_is(e, "ConditionalCheckFailedException"))
		return WRITE_FAILED;
	*e = (struct err){ 0 };
	return WRITE_REFUSED;
}

/*
 * A raise whose reply was lost costs a number, no more: the next attempt
 * takes one above it.
 */
int
fence_next(struct lock *l, int64_t *out, struct err *e)
{
	enum written result = WRITE_REFUSED;
	int64_t last = 0;

	for (int tries = 0; result != WRITE_DONE; tries++) {
		if (tries > 0 && fence_read(l, &last, e) == -1)
			return -1;
		*out = lock_next_fence(last);
		result = fence_raise(l, *out, e);
		if (result == WRITE_FAILED && (e->kind != ERR_AWS ||
		    tries >= FENCE_TRIES))
			return err_prefix(e, "cannot raise the fence of lock "
			    "'%s'", l->where->name);
	}
	*e = (struct err){ 0 };
	return 0;
}

/* --- the table --- */

static int
table_create(struct lock *l, struct err *e)
{
	json_t *reply = NULL, *body = json_pack("{s:s, s:[{s:s, s:s}], "
	    "s:[{s:s, s:s}]}", "BillingMode", "PAY_PER_REQUEST",
	    "AttributeDefinitions", "AttributeName", "key",
	    "AttributeType", "S",
	    "KeySchema", "AttributeName", "key", "KeyType", "HASH");
	int rc = call(l, "CreateTable", body, &reply, e);

	json_decref(reply);
	json_decref(body);
	/* Somebody else was faster: that is what we wanted. */
	if (rc == -1 && err_is(e, "ResourceInUseException")) {
		*e = (struct err){ 0 };
		rc = 0;
	}
	return rc;
}

/* Returns 1 when the table is up, 0 when it is not yet, -1. */
static int
table_look(struct lock *l, struct err *e)
{
	json_t *reply = NULL, *body = json_object();
	int rc = call(l, "DescribeTable", body, &reply, e);
	const char *status;

	json_decref(body);
	if (rc == -1 && err_is(e, "ResourceNotFoundException")) {
		*e = (struct err){ 0 };
		return table_create(l, e);
	}
	if (rc == -1)
		return -1;
	status = json_string_value(json_object_get(json_object_get(reply,
	    "Table"), "TableStatus"));
	rc = status != NULL && (strcmp(status, "ACTIVE") == 0 ||
	    strcmp(status, "UPDATING") == 0);
	json_decref(reply);
	return rc;
}

int
table_ensure(struct lock *l, struct err *e)
{
	struct wait w;
	int rc;

	wait_begin(&w, TABLE_TIMEOUT, 0.2, 5);
	while ((rc = table_look(l, e)) == 0)
		switch (wait_next(&w)) {
		case WAIT_SIGNAL:
			return err_set(e, ERR_SIGNAL, "stopped");
		case WAIT_DEADLINE:
			return err_set(e, ERR_DEADLINE, "table '%s' is not "
			    "ACTIVE after %.0f s", l->where->table,
			    TABLE_TIMEOUT);
		case WAIT_AGAIN:
			break;
		}
	return rc == -1 ? err_prefix(e, "cannot make table '%s'",
	    l->where->table) : 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Other clients may have names that rs-lock has not. */
static int
add_names(void *ctx, json_t *page, struct err *e)
{
	json_t *names = ctx, *o;
	struct err not_ours = { 0 };
	size_t i;

	(void)e;
	json_array_foreach(json_object_get(page, "Items"), i, o) {
		const char *name = string_of(o, "key");

		if (name != NULL && lock_check_name(name, &not_ours) == 0)
			json_array_append_new(names, json_string(name));
	}
	return 0;
}

static json_t *
sorted(json_t *names)
{
	size_t n = json_array_size(names);
	const char **v = xcalloc(n + 1, sizeof(*v));
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		v[i] = json_string_value(json_array_get(names, i));
	qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, json_string(v[i]));
	free(v);
	json_decref(names);
	return out;
}

json_t *
items_names(struct lock *l, struct err *e)
{
	json_t *names = json_array();
	json_t *body = json_pack("{s:s, s:s, s:{s:s}, s:b, s:s}",
	    "TableName", l->where->table, "ProjectionExpression", "#k",
	    "ExpressionAttributeNames", "#k", "key", "ConsistentRead", 1,
	    "FilterExpression", "attribute_exists(recordVersionNumber)");
	int rc = aws_json_pages(l->aws, AWS_DYNAMODB, "Scan", body,
	    add_names, names, e);

	json_decref(body);
	if (rc == 0)
		return sorted(names);
	say_remedy(e);
	json_decref(names);
	return NULL;
}
