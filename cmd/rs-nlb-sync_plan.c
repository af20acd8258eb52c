/* rs-nlb-sync_plan.c - what to do, and whether it may be done: no AWS here */
#include <arpa/inet.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rs-nlb-sync.h"

struct cidr {
	unsigned char bytes[16];
	int family;
	unsigned long bits;
};

static int
address_parse(const char *s, struct cidr *out)
{
	out->family = strchr(s, ':') != NULL ? AF_INET6 : AF_INET;
	out->bits = out->family == AF_INET6 ? 128 : 32;
	return inet_pton(out->family, s, out->bytes) == 1 ? 0 : -1;
}

static int
cidr_parse(const char *s, struct cidr *out)
{
	char address[64];
	const char *slash = strchr(s, '/');
	char *end;
	unsigned long bits;

	if (slash == NULL || (size_t)(slash - s) >= sizeof(address))
		return -1;
	memcpy(address, s, (size_t)(slash - s));
	address[slash - s] = '\0';
	if (address_parse(address, out) == -1 || slash[1] < '0' ||
	    slash[1] > '9')
		return -1;
	bits = strtoul(slash + 1, &end, 10);
	if (*end != '\0' || bits > out->bits)
		return -1;
	out->bits = bits;
	return 0;
}

static bool
cidr_holds(const struct cidr *net, const struct cidr *address)
{
	size_t whole = net->bits / 8;
	unsigned rest = net->bits % 8, mask = 0xffu << (8 - rest);

	return net->family == address->family &&
	    memcmp(net->bytes, address->bytes, whole) == 0 &&
	    (rest == 0 || ((net->bytes[whole] ^ address->bytes[whole]) &
	    mask & 0xff) == 0);
}

int
policy_check(const struct policy *p, struct err *e)
{
	struct cidr net;

	for (size_t i = 0; i < p->own.n; i++)
		if (cidr_parse(p->own.v[i], &net) == -1)
			return err_set(e, ERR_USAGE, "option '--own': '%s' "
			    "is not a CIDR such as 10.0.0.0/16",
			    p->own.v[i]);
	return 0;
}

static bool
is_own(const struct policy *p, const char *ip)
{
	struct cidr net, address;

	if (p->own.n == 0)
		return true;
	if (address_parse(ip, &address) == -1)
		return false;
	for (size_t i = 0; i < p->own.n; i++)
		if (cidr_parse(p->own.v[i], &net) == 0 &&
		    cidr_holds(&net, &address))
			return true;
	return false;
}

/* The stream wants it. Draining counts as gone: it must be registered. */
static void
plan_wanted(struct item *item, const struct target *wanted,
    const struct target *found)
{
	item->target = found != NULL ? *found : *wanted;
	item->wanted = true;
	if (found == NULL) {
		item->action = ACTION_REGISTER;
	} else if (found->state == TARGET_DRAINING) {
		item->action = ACTION_REGISTER;
		item->note = "was draining";
	}
}

static void
plan_unwanted(struct item *item, const struct target *found,
    const struct policy *p)
{
	item->target = *found;
	if (found->state == TARGET_DRAINING) {
		item->action = ACTION_DRAIN;
	} else if (!p->prune) {
		item->note = "not in the stream; --prune would remove it";
	} else if (!is_own(p, found->ip)) {
		item->note = "not in the stream; outside --own";
	} else {
		item->action = ACTION_DEREGISTER;
		item->note = "not in the stream";
	}
}

void
plan_make(struct sync *s)
{
	s->items = xcalloc(s->wanted.n + s->actual.n, sizeof(*s->items));
	for (size_t i = 0; i < s->wanted.n; i++) {
		struct item *item;

		/* Two may have become one when their zone became "all". */
		if (targets_find(&s->wanted, &s->wanted.v[i]) !=
		    &s->wanted.v[i])
			continue;
		item = &s->items[s->n++];
		plan_wanted(item, &s->wanted.v[i], targets_find(&s->actual,
		    &s->wanted.v[i]));
		item->workgroup = s->origins[i].workgroup;
	}
	for (size_t i = 0; i < s->actual.n; i++)
		if (targets_find(&s->wanted, &s->actual.v[i]) == NULL)
			plan_unwanted(&s->items[s->n++], &s->actual.v[i],
			    s->policy);
}

size_t
plan_count(const struct sync *s, enum action action)
{
	size_t count = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].action == action)
			count++;
	return count;
}

bool
plan_differs(const struct sync *s)
{
	return plan_count(s, ACTION_REGISTER) > 0 ||
	    plan_count(s, ACTION_DEREGISTER) > 0;
}

/* A percentage of `of`; rounded up when it is a floor, down when a limit. */
static size_t
amount(const struct opt_amount *a, size_t of, bool up)
{
	double n = a->percent ? a->value * (double)of / 100 : a->value;

	/* A floor that wrapped to 0 would allow everything. */
	if (n > 1e15)
		return SIZE_MAX;
	return (size_t)(up ? ceil(n - 1e-9) : floor(n + 1e-9));
}

static int
guard_removals(const struct sync *s, struct err *e)
{
	size_t removals = plan_count(s, ACTION_DEREGISTER), registered = 0;
	size_t limit;

	for (size_t i = 0; i < s->actual.n; i++)
		if (s->actual.v[i].state != TARGET_DRAINING)
			registered++;
	limit = amount(&s->policy->max_remove, registered, false);
	if (removals <= limit)
		return 0;
	err_set(e, ERR_NO, "refusing to remove %zu of the %zu targets of "
	    "'%s': --max-remove allows %zu", removals, registered,
	    s->group.name, limit);
	return err_hint(e, "is the stream the whole fleet? look with --plan; "
	    "raise --max-remove to mean it");
}

int
plan_guard(const struct sync *s, struct err *e)
{
	for (size_t i = 0; i < s->wanted.n; i++)
		if (!is_own(s->policy, s->wanted.v[i].ip))
			return err_set(e, ERR_NO, "refusing to register %s: "
			    "it is outside --own", s->wanted.v[i].ip);
	return guard_removals(s, e);
}

int
plan_guard_health(const struct sync *s, struct err *e)
{
	size_t left = 0, lost = 0, floor;

	for (size_t i = 0; i < s->n; i++) {
		if (s->items[i].target.state != TARGET_HEALTHY)
			continue;
		if (s->items[i].action == ACTION_DEREGISTER)
			lost++;
		else
			left++;
	}
	floor = amount(&s->policy->min_healthy, s->wanted.n, true);
	if (lost == 0 || left >= floor)
		return 0;
	err_set(e, ERR_NO, "refusing to remove targets of '%s': %zu healthy "
	    "would be left, --min-healthy asks for %zu", s->group.name, left,
	    floor);
	return err_hint(e, "nothing was removed; wait until the new targets "
	    "are healthy and run again");
}

void
sync_release(struct sync *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->items[i].failure);
	for (size_t i = 0; i < s->wanted.n; i++) {
		free(s->origins[i].workgroup);
		free(s->origins[i].vpc);
	}
	free(s->origins);
	free(s->items);
	targets_release(&s->wanted);
	targets_release(&s->actual);
	targets_release(&s->fresh);
	target_group_release(&s->group);
}
