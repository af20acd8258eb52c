/*
 * dynamodb.pml - the DynamoDB backend of rs-lock as a model for Spin
 *
 * Each step is named after the function of lib/lock/dynamodb*.c that takes
 * it; what is atomic here is one request there. A request may be done and
 * its answer lost, may not arrive, or may arrive at any later time (FAULTS of
 * them); a process may crash before any step (CRASHES of them).
 *
 * Time: the leases of versions end in the order in which these were written,
 * each at any moment (clock). A watcher calls a version stale only after its
 * end, since it saw it after it was written and then watched for a lease; its
 * holder has stopped by then, since it counts from before the request.
 *
 * Checked:
 * - at most one process is at work on a lease that it knows of and that runs;
 * - fences grow with every holder, in the order of their holding;
 * - a crashed holder blocks nobody for ever (no invalid end state);
 * - and that each condition is needed: without it, Spin finds why.
 *
 * What tests/model/run does:
 * safe -DN=2 -DFAULTS=2 -DCRASHES=1
 * safe -DN=3 -DFAULTS=0 -DCRASHES=1 -DRENEWS=0
 * safe -DN=3 -DFAULTS=1 -DCRASHES=0 -DRENEWS=0
 * live -DN=2 -DFAULTS=1 -DCRASHES=1
 * caught -DN=3 -DFAULTS=0 -DBLIND_BREAK
 * caught -DN=2 -DFAULTS=0 -DEARLY_FENCE
 * caught -DN=2 -DFAULTS=0 -DRESURRECT
 * caught -DN=2 -DFAULTS=1 -DNO_LOOK_UP
 */
#ifndef N
#define N 2
#endif
#ifndef FAULTS
#define FAULTS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef RENEWS
#define RENEWS 1
#endif

#define FREE 0
#define VERSIONS 24
#define NOBODY 255

/* The item of the lock: its version, FREE when there is none, and token. */
byte version = FREE;
byte token = NOBODY;
byte counter = 0;		/* the item rs-fence#NAME */

byte versions = 0;		/* UUIDs drawn so far */
byte writes = 0;		/* of versions to the item */
byte written[VERSIONS];		/* when: the leases end in this order */
byte ended = 0;			/* as many have ended */

byte faults = 0;
byte crashes = 0;
bool killed[3];
byte last_fence = 0;		/* of who held the lock last */
bool works[N];			/* the command runs */
byte knows[N];			/* the lease that it runs on */

/* A request of a process that arrives later. */
bool late[3];
byte late_seen[3], late_new[3];

#define OVER(v) (written[v] <= ended)
#define AT_WORK(p) (works[p] && knows[p] > ended)

inline alone(me) {
	byte other;
	for (other : 0 .. N - 1) {
		assert(other == me || !AT_WORK(other))
	}
	other = 0
}

/* The engine: set `mine` (FREE: delete) if the item is still as seen. */
inline apply(who, seen_, mine_) {
	version = mine_;
	if
	:: mine_ == FREE -> token = NOBODY
	:: else ->
		token = who;
		writes++;
		written[mine_] = writes
	fi
}

/*
 * item_put, item_update, item_delete: result is DONE, REFUSED or FAILED.
 * Then look_up: what does the item say about an answer that did not come?
 */
mtype = { DONE, REFUSED, FAILED, UNKNOWN };

inline write_item(who, condition, seen_, mine_) {
	atomic {
		if
		:: condition -> apply(who, seen_, mine_); result = DONE
		:: condition && faults < FAULTS ->
			apply(who, seen_, mine_);
			faults++;
			result = UNKNOWN
		:: !(condition) -> result = REFUSED
		:: faults < FAULTS -> faults++; result = UNKNOWN
		:: faults < FAULTS && !late[who] ->
			faults++;
			late[who] = true;
			late_seen[who] = seen_;
			late_new[who] = mine_;
			result = UNKNOWN
		fi
	}
#ifdef NO_LOOK_UP
	if
	:: result == UNKNOWN -> result = REFUSED
	:: else
	fi;
#endif
	if
	:: result == UNKNOWN -> atomic {	/* look_up */
		if
		:: version == mine_ -> result = DONE
		:: version != mine_ && version != seen_ -> result = REFUSED
		:: version != mine_ && version == seen_ -> result = FAILED
		fi }
	:: else
	fi
}

inline new_version(v) {
	atomic { versions++; v = versions; assert(v < VERSIONS) }
}

/* Raise the counter; a refusal or a lost answer costs a number. */
inline fence_next(number) {
	do
	:: atomic { counter < number -> counter = number; break }
	:: atomic { counter < number && faults < FAULTS ->
		counter = number;		/* fence_raise, answer lost */
		faults++ };
		number = counter + 1		/* fence_read */
	:: atomic { counter >= number -> number = counter + 1 }
	od
}

inline find() {
	atomic { seen = version; held = (token == _pid) }
}

/* release_by: also how a lock is given back. */
inline release() {
	do
	:: find();
		if
		:: !held -> break
		:: else
		fi;
		write_item(_pid, version == seen, seen, FREE);
		if
		:: result == DONE -> break
		:: result == REFUSED
		:: result == FAILED
		:: result == FAILED -> break	/* the patience is over */
		fi
	od
}

inline renew() {
	find();
	if
	:: held ->
		new_version(mine);
#ifdef RESURRECT
		write_item(_pid, true, seen, mine);
#else
		write_item(_pid, version == seen, seen, mine);
#endif
		if
		:: result == DONE -> atomic {
			knows[_pid] = written[mine];
			alone(_pid) }
		:: else			/* tried again, or the lease ends */
		fi
	:: else -> works[_pid] = false		/* lose */
	fi
}

active [N] proctype client() {
	byte seen, watched, mine, fence = 1, next, renewals = 0;
	bool held, take;
	mtype result;

{
#ifdef EARLY_FENCE
	fence_next(fence);
#endif
look:	/* item_read */
	do
	:: atomic {
		seen = version;
		take = (seen == FREE || token == _pid);
		if
		:: !take && seen == watched && OVER(seen) -> take = true
		:: !take -> watched = seen
		:: take
		fi }
		if
		:: take -> break
		:: else ->		/* observe, REFRESH */
			(version != watched || OVER(watched))
		fi
	od;

	/* try_take */
	new_version(mine);
#ifdef BLIND_BREAK
	write_item(_pid, version == seen || seen != FREE, seen, mine);
#else
	write_item(_pid, version == seen, seen, mine);
#endif
	if
	:: result == REFUSED -> goto look
	:: result == FAILED -> release(); goto look
	:: result == DONE
	fi;

	/* give_fence */
#ifndef EARLY_FENCE
	fence_next(fence);
#endif
	new_version(next);
	atomic {
		seen = mine;
		mine = next
	}
	write_item(_pid, version == seen, seen, mine);
	if
	:: result == REFUSED -> goto look
	:: result == FAILED -> release(); goto look
	:: result == DONE
	fi;
	/* Late answers come to one whose lease is over: it does not start. */
	atomic {
		if
		:: OVER(mine) -> skip
		:: else ->
			assert(fence > last_fence);
			last_fence = fence;
			works[_pid] = true;
			knows[_pid] = written[mine];
			alone(_pid)
		fi
	}

	do
	:: works[_pid] && renewals < RENEWS -> renewals++; renew()
	:: break
	od;
	works[_pid] = false;
	release()
} unless {
	/* All that there is of it. */
	atomic { killed[_pid] -> works[_pid] = false }
}
}

/* Leases end, one after the other. */
active proctype clock() {
end:	do
	:: ended < writes -> progress: ended++
	od
}

inline arrive(who) {
	late[who] = false;
	if
	:: version == late_seen[who] ->
		apply(who, late_seen[who], late_new[who])
	:: else
	fi
}

/* kill -9 */
active proctype killer() {
end:	do
	:: atomic { crashes < CRASHES -> crashes++; killed[0] = true }
	:: atomic { crashes < CRASHES -> crashes++; killed[1] = true }
	:: atomic { crashes < CRASHES -> crashes++; killed[2] = true }
	od
}

/* What was sent arrives. */
active proctype network() {
end:	do
	:: atomic { late[0] -> arrive(0) }
	:: atomic { late[1] -> arrive(1) }
	:: atomic { late[2] -> arrive(2) }
	od
}
