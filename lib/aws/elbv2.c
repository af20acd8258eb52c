/* elbv2.c - target groups of a Network Load Balancer and their targets */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/api.h"
#include "aws/elbv2.h"
#include "base/alloc.h"

static const char *const state_names[] = {
	[TARGET_ABSENT] = "absent",
	[TARGET_INITIAL] = "initial",
	[TARGET_HEALTHY] = "healthy",
	[TARGET_UNHEALTHY] = "unhealthy",
	[TARGET_UNUSED] = "unused",
	[TARGET_DRAINING] = "draining",
	[TARGET_UNAVAILABLE] = "unavailable",
	[TARGET_OTHER] = "unknown"
};

const char *
target_state_name(enum target_state state)
{
	return state_names[state];
}

static enum target_state
state_of(const char *word)
{
	/* On the way out of the group, but connections are still served. */
	if (strcmp(word, "unhealthy.draining") == 0)
		return TARGET_UNHEALTHY;
	for (size_t i = TARGET_INITIAL; i < TARGET_OTHER; i++)
		if (strcmp(word, state_names[i]) == 0)
			return (enum target_state)i;
	return TARGET_OTHER;
}

/* An IPv6 address can be written in many ways, an IPv4 address in one. */
static bool
same_address(const char *a, const char *b)
{
	unsigned char x[16], y[16];

	return strcmp(a, b) == 0 || (inet_pton(AF_INET6, a, x) == 1 &&
	    inet_pton(AF_INET6, b, y) == 1 && memcmp(x, y, sizeof(x)) == 0);
}

int
target_same(const struct target *a, const struct target *b)
{
	return same_address(a->ip, b->ip) && a->port == b->port &&
	    (a->az == NULL || b->az == NULL || strcmp(a->az, b->az) == 0);
}

struct target *
targets_add(struct targets *list, const char *ip, int port, const char *az)
{
	struct target *t;

	list->v = xgrow(list->v, list->n, &list->cap, sizeof(*list->v));
	t = &list->v[list->n++];
	memset(t, 0, sizeof(*t));
	t->ip = xstrdup(ip);
	t->port = port;
	t->az = xstrdup(az);
	return t;
}

struct target *
targets_find(const struct targets *list, const struct target *wanted)
{
	for (size_t i = 0; i < list->n; i++)
		if (target_same(&list->v[i], wanted))
			return &list->v[i];
	return NULL;
}

void
targets_release(struct targets *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].ip);
		free(list->v[i].az);
		free(list->v[i].reason);
	}
	free(list->v);
	memset(list, 0, sizeof(*list));
}

void
target_group_release(struct target_group *group)
{
	free(group->arn);
	free(group->name);
	free(group->type);
	free(group->vpc);
	memset(group, 0, sizeof(*group));
}

/* The only group of the answer, which must be the one asked for. */
static int
decode_group(const struct xml *reply, const char *name_or_arn,
    struct target_group *group, struct err *e)
{
	const struct xml *m = xml_first(reply, "TargetGroups");
	const char *arn = xml_text(m, "TargetGroupArn");
	const char *name = xml_text(m, "TargetGroupName");

	if (m == NULL || m->next != NULL || arn == NULL || name == NULL ||
	    xml_text(m, "TargetType") == NULL)
		return err_set(e, ERR_AWS, "DescribeTargetGroups did not "
		    "answer with one target group");
	if (strcmp(arn, name_or_arn) != 0 && strcmp(name, name_or_arn) != 0)
		return err_set(e, ERR_AWS, "DescribeTargetGroups answered "
		    "with another target group, '%s'", name);
	group->arn = xstrdup(arn);
	group->name = xstrdup(name);
	group->type = xstrdup(xml_text(m, "TargetType"));
	group->vpc = xstrdup(xml_text(m, "VpcId"));
	return 0;
}

int
elbv2_target_group(struct aws *a, const char *name_or_arn,
    struct target_group *group, struct err *e)
{
	struct form form = { 0 };
	struct xml *reply = NULL;
	int rc;

	form_set(&form, strncmp(name_or_arn, "arn:", 4) == 0 ?
	    "TargetGroupArns.member.1" : "Names.member.1", name_or_arn);
	rc = aws_query(a, AWS_ELBV2, "DescribeTargetGroups", &form, &reply,
	    e);
	if (rc == 0)
		rc = decode_group(reply, name_or_arn, group, e);
	else if (err_is(e, "TargetGroupNotFound"))
		e->kind = ERR_NO;
	if (rc == -1)
		err_prefix(e, "cannot describe target group '%s'",
		    name_or_arn);
	xml_free(reply);
	form_release(&form);
	return rc;
}

/* 1 to 65535; 0 for what is no port, or NULL. */
static int
port_of(const char *s)
{
	long port = 0;

	if (s != NULL && strlen(s) <= 5 && s[strspn(s, "0123456789")] == '\0')
		port = strtol(s, NULL, 10);
	return port <= 65535 ? (int)port : 0;
}

static int
decode_target(const struct xml *m, struct targets *out, struct err *e)
{
	const char *ip = xml_text(m, "Target/Id");
	const char *state = xml_text(m, "TargetHealth/State");
	int port = port_of(xml_text(m, "Target/Port"));
	struct target *t;

	if (ip == NULL || port == 0 || state == NULL)
		return err_set(e, ERR_AWS, "DescribeTargetHealth answered "
		    "with a target that lacks Id, Port or State");
	t = targets_add(out, ip, port,
	    xml_text(m, "Target/AvailabilityZone"));
	t->state = state_of(state);
	t->reason = xstrdup(xml_text(m, "TargetHealth/Reason"));
	return 0;
}

int
elbv2_target_health(struct aws *a, const struct target_group *group,
    struct targets *out, struct err *e)
{
	struct form form = { 0 };
	struct xml *reply = NULL;
	const struct xml *m = NULL;
	int rc;

	form_set(&form, "TargetGroupArn", group->arn);
	rc = aws_query(a, AWS_ELBV2, "DescribeTargetHealth", &form, &reply,
	    e);
	if (rc == 0 && xml_find(reply, "TargetHealthDescriptions") == NULL)
		rc = err_set(e, ERR_AWS, "DescribeTargetHealth answered "
		    "without TargetHealthDescriptions");
	if (rc == 0)
		m = xml_first(reply, "TargetHealthDescriptions");
	for (; rc == 0 && m != NULL; m = m->next)
		rc = decode_target(m, out, e);
	if (rc == -1)
		err_prefix(e, "cannot read the health of target group '%s'",
		    group->name);
	xml_free(reply);
	form_release(&form);
	return rc;
}

static int
change(struct aws *a, const char *op, const struct target_group *group,
    const struct target *const *targets, size_t n, struct err *e)
{
	struct form form = { 0 };
	struct xml *reply = NULL;
	char port[16];
	int rc;

	form_set(&form, "TargetGroupArn", group->arn);
	for (size_t i = 0; i < n; i++) {
		snprintf(port, sizeof(port), "%d", targets[i]->port);
		form_setf(&form, targets[i]->ip, "Targets.member.%zu.Id",
		    i + 1);
		form_setf(&form, port, "Targets.member.%zu.Port", i + 1);
		if (targets[i]->az != NULL)
			form_setf(&form, targets[i]->az,
			    "Targets.member.%zu.AvailabilityZone", i + 1);
	}
	rc = aws_query(a, AWS_ELBV2, op, &form, &reply, e);
	xml_free(reply);
	form_release(&form);
	return rc;
}

int
elbv2_register(struct aws *a, const struct target_group *group,
    const struct target *const *targets, size_t n, struct err *e)
{
	return change(a, "RegisterTargets", group, targets, n, e);
}

int
elbv2_deregister(struct aws *a, const struct target_group *group,
    const struct target *const *targets, size_t n, struct err *e)
{
	return change(a, "DeregisterTargets", group, targets, n, e);
}
