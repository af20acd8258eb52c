/* lock.c - what every backend needs: names, tokens, fences, records */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/alloc.h"
#include "base/msg.h"
#include "lock/lock.h"
#include "record/rec.h"

int
lock_check_name(const char *name, struct err *e)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(name);

	if (len == 0 || len > LOCK_NAME_MAX || strspn(name, good) != len ||
	    name[0] == '.' || name[0] == '-') {
		err_set(e, ERR_USAGE, "'%s' is not a name for a lock", name);
		return err_hint(e, "a name is 1 to %d of A-Z a-z 0-9 . _ - "
		    "and starts with a letter, a digit or _", LOCK_NAME_MAX);
	}
	return 0;
}

void
lock_new_token(char out[LOCK_TOKEN_SIZE])
{
	unsigned char b[16];

	/* A token that can be guessed would be no proof of anything. */
	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		msg_die(ERR_SYSTEM, "the kernel has no random numbers");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(out, LOCK_TOKEN_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4],
	    b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
	    b[15]);
}

int64_t
lock_next_fence(int64_t last)
{
	struct timespec ts;
	int64_t now;

	clock_gettime(CLOCK_REALTIME, &ts);
	now = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	return now > last ? now : last + 1;
}

void
lock_grant_release(struct lock_grant *g)
{
	free(g->name);
	free(g->place);
	free(g->owner);
	free(g->workgroup);
	memset(g, 0, sizeof(*g));
	g->keep_fd = -1;
}

void
lock_view_release(struct lock_view *v)
{
	for (size_t i = 0; i < v->nholder; i++)
		lock_grant_release(&v->holder[i]);
	for (size_t i = 0; i < v->nwaiter; i++) {
		free(v->waiter[i].owner);
		free(v->waiter[i].workgroup);
	}
	free(v->holder);
	free(v->waiter);
	memset(v, 0, sizeof(*v));
}

json_t *
lock_record(const struct lock_grant *g)
{
	const char *place = strcmp(g->backend, "dir") == 0 ? "dir" : "table";

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s?, s:s, "
	    "s:o, s:i}", "kind", "lock", "name", g->name,
	    "backend", g->backend, place, g->place, "token", g->token,
	    "fence", (json_int_t)g->fence, "owner", g->owner,
	    "workgroup", g->workgroup, "acquired_at", g->acquired_at,
	    "lease_s", rec_seconds(g->lease), "slot", (int)g->slot);
}

const char *
lock_life_text(enum lock_life life)
{
	static const char *const text[] = {
		[LOCK_LEASED] = "leased", [LOCK_ATTENDED] = "attended",
		[LOCK_EXPIRED] = "expired", [LOCK_DEAD] = "dead",
		[LOCK_UNREADABLE] = "unreadable"
	};

	return text[life];
}
