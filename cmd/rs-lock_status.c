/*
 * rs-lock_status.c - who holds a lock, how we know, and who waits
 */
#include <string.h>

#include "base/msg.h"
#include "record/rec.h"
#include "rs-lock.h"

static void
emit_holder(struct rec_out *out, const struct lock_grant *g)
{
	bool known = g->life != LOCK_UNREADABLE;
	json_t *o = lock_record(g);

	if (o == NULL) {
		rec_write(out, NULL);
		return;
	}
	if (g->acquired_at[0] == '\0')
		json_object_set_new(o, "acquired_at", json_null());
	json_object_set_new(o, "state", json_string(lock_life_text(g->life)));
	json_object_set_new(o, "alive", g->attended && known ?
	    json_boolean(g->life == LOCK_ATTENDED) : json_null());
	json_object_set_new(o, "known_by", json_string(!known ? "nothing" :
	    g->attended ? "process" : "lease"));
	json_object_set_new(o, "pid", g->pid > 0 ? json_integer(g->pid) :
	    json_null());
	json_object_set_new(o, "age_s", g->age >= 0 ? rec_seconds(g->age) :
	    json_null());
	json_object_set_new(o, "lease_left_s", known && !g->attended ?
	    rec_seconds(g->left) : json_null());
	rec_write(out, o);
}

static void
emit_free(struct rec_out *out, const struct session *s, int64_t fence)
{
	bool dir = s->o->table == NULL;

	rec_write(out, json_pack("{s:s, s:s, s:s, s:s, s:n, s:I, s:s}",
	    "kind", "lock", "name", s->where.name,
	    "backend", s->backend->name, dir ? "dir" : "table",
	    dir ? s->where.dir : s->where.table, "token",
	    "fence", (json_int_t)fence, "state", "free"));
}

static int
emit_view(struct rec_out *out, struct session *s, struct err *e)
{
	struct lock_view v;

	if (s->backend->view(s->lock, &v, e) == -1)
		return -1;
	for (size_t i = 0; i < v.nholder; i++)
		emit_holder(out, &v.holder[i]);
	if (v.nholder == 0)
		emit_free(out, s, v.fence);
	for (size_t i = 0; i < v.nwaiter; i++)
		rec_write(out, json_pack("{s:s, s:s, s:i, s:s, s:s?, s:o, "
		    "s:o}", "kind", "waiter", "name", s->where.name,
		    "position", (int)i + 1, "owner", v.waiter[i].owner,
		    "workgroup", v.waiter[i].workgroup,
		    "waited_s", rec_seconds(v.waiter[i].waited),
		    "pid", v.waiter[i].pid > 0 ?
		    json_integer(v.waiter[i].pid) : json_null()));
	lock_view_release(&v);
	return 0;
}

int
show_status(struct session *s, struct err *e)
{
	struct rec_out out;

	rec_out_init(&out, msg_name());
	if (emit_view(&out, s, e) == -1)
		return -1;
	return rec_end(&out, true, e);
}

struct listing {
	struct rec_out out;
	struct opts o;
};

static int
list_one(void *ctx, const char *name, struct err *e)
{
	struct listing *list = ctx;
	struct session s;
	int rc;

	list->o.name = name;
	if (session_open(&s, &list->o, e) == -1)
		return -1;
	rc = emit_view(&list->out, &s, e);
	session_close(&s);
	return rc;
}

int
show_list(struct session *s, struct err *e)
{
	struct listing list = { .o = *s->o };

	rec_out_init(&list.out, msg_name());
	if (s->backend->list(&s->where, list_one, &list, e) == -1)
		return -1;
	return rec_end(&list.out, true, e);
}
