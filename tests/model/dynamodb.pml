/*
 * dynamodb.pml - the DynamoDB backend of rs-lock as a model for Spin
 *
 * Each step is named after the function of lib/lock/dynamodb.c or
 * dynamodb_item.c that takes it; what is atomic here is one request there. Of
 * a request the answer may be lost, done or not; it may arrive at any later
 * time, or twice (FAULTS of these). A process may crash before any step
 * (CRASHES of them), or rest there as long as it likes, as one stopped does.
 *
 * Time is an event: lease_ends() says that the item's version has stood for a
 * whole lease, at any moment, so also at the worst one. A holder counts its
 * lease from before the request that wrote the version, a watcher from when
 * it saw it: so at that event the holder has ceased to act, awake or not.
 *
 * One thing is assumed of the network: a put for an item that is not there
 * arrives before a lease has ended that began meanwhile. If it came later, and
 * the item were free again, its sender could take it for the lock that it
 * lost (OLD_PUT). Any other request that old names a version that is gone.
 * Against that, give_fence looks at the counter once more after its write;
 * the model leaves this look out, and so shows what happens without it.
 *
 * Versions are UUIDs, which are only ever compared: a number that is in
 * nobody's hands is as good as a new one.
 *
 * Checked:
 * - no two holders act at the same time;
 * - fences are given out in increasing order, and who acts has the last one:
 *   so a store that asks for the fence refuses nobody who holds the lock;
 * - a crashed holder blocks nobody for ever (no invalid end state), nor does
 *   anybody go round for ever (live);
 * - that the version in the condition, the second write of give_fence, and
 *   the lease counted from before the request are all needed.
 *
 * What tests/model/run does:
 * safe -DCRASHES=2
 * safe -DFAULTS=1 -DRENEWS=0
 * safe -DFAULTS=1 -DCRASHES=1 -DTAKES=1
 * safe -DN=3 -DTAKES=1 -DRENEWS=0
 * live -DCRASHES=1 -DTAKES=1
 * caught -DBLIND_BREAK
 * caught -DEARLY_FENCE
 * caught -DLATE_LEASE
 * caught -DFAULTS=1 -DOLD_PUT
 */
#ifndef N
#define N 2
#endif
#ifndef TAKES
#define TAKES 2				/* acquisitions of each process */
#endif
#ifndef RENEWS
#define RENEWS 1			/* of each acquisition */
#endif
#ifndef FAULTS
#define FAULTS 0
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#define FREE 0				/* no item, nothing known */
#define VERSIONS (3 * N + 4)		/* all hands full, and one more */
#define me _pid

mtype = { DONE, REFUSED, FAILED, LOST };

/* The table. */
byte version = FREE;
byte token = 0;				/* of the acquisition that wrote it */
byte counter = 0;			/* the item rs-fence#NAME */
bool over = false;			/* version stood for a whole lease */

byte granted = 0;			/* the last fence that was given out */
byte faults = 0;
byte crashes = 0;

/* What processes know. */
byte ours[N];				/* struct watch: token */
byte watched[N];			/* struct watch: version */
byte seen[N];
byte mine[N];
byte fence[N];
bool lease[N];				/* of `mine`, once it is written */
bool acts[N];				/* acts on a lease that runs */

/* A request that arrives later: at most one is on its way. */
bool late = false;
byte late_seen, late_mine, late_token, late_fence;

#define CRASH_HERE :: crashes < CRASHES -> crashes++; goto dead
#define FAULT_HERE faults < FAULTS -> faults++

/* Who begins, or goes on, to act. */
inline act()
{
	i = 0;
	do
	:: i < N -> assert(i == me || !acts[i]); i++
	:: else -> break
	od;
	i = 0;
	assert(fence[me] == granted);
	acts[me] = true
}

inline give_out(number)
{
	assert(number > granted);
	granted = number
}

/*
 * The engine does what was asked. A fence comes with the second write of an
 * acquisition, and is given out by it; renewals repeat it.
 */
inline apply(to, by, number)
{
	version = to;
	token = (to == FREE -> 0 : by);
	over = false;
	if
	:: to != FREE && number > 0 && number != granted -> give_out(number)
	:: else
	fi
}

inline send_late(to, number)
{
	late = true;
	late_seen = seen[me];
	late_mine = to;
	late_token = ours[me];
	late_fence = number
}

/* item_put, item_update, item_delete; then look_up, if there is no answer. */
inline write_item(condition, to, number)
{
	atomic {
		if
		CRASH_HERE
		:: condition -> apply(to, ours[me], number); result = DONE
		:: !(condition) -> result = REFUSED
		:: FAULT_HERE; result = LOST	/* never arrives, or... */
			if
			:: condition -> apply(to, ours[me], number)
			:: !late -> send_late(to, number)
			:: true
			fi
		:: condition && !late && FAULT_HERE;	/* sent twice */
			send_late(to, number);
			apply(to, ours[me], number);
			result = DONE
		fi
	}
	if
	:: atomic { result == LOST ->
		if
		CRASH_HERE
		:: FAULT_HERE; result = FAILED
		:: version == to -> result = DONE
		:: version != to && version != seen[me] -> result = REFUSED
		:: version != to && version == seen[me] -> result = FAILED
		fi }
	:: else
	fi
}

/* A number in nobody's hands. The lease counts from now at the earliest. */
inline new_version()
{
	atomic {
		mine[me] = 1;
		i = 0;
		do
		:: i < N && (mine[me] == seen[i] || mine[me] == watched[i] ||
		   (i != me && mine[me] == mine[i])) -> mine[me]++; i = 0
		:: i < N && !(mine[me] == seen[i] || mine[me] == watched[i] ||
		   (i != me && mine[me] == mine[i])) -> i++
		:: i == N && (mine[me] == version || (late &&
		   (mine[me] == late_seen || mine[me] == late_mine))) ->
			mine[me]++; i = 0
		:: else -> break
		od;
		assert(mine[me] <= VERSIONS);
		i = 0;
		lease[me] = true
	}
}

/* Raised above what it holds; a lost answer, or a refusal, costs a number. */
inline fence_next()
{
	next = 1;
	do
	:: atomic {		/* fence_raise */
		if
		CRASH_HERE
		:: counter < next -> counter = next; fence[me] = next;
			next = 0; break
		:: counter < next && FAULT_HERE; counter = next
		:: counter >= next
		fi };
		next = counter + 1	/* fence_read */
	od
}

/* Is the item ours by its token, and in which version? */
inline find()
{
	atomic {
		if
		CRASH_HERE
		:: true
		fi;
		seen[me] = version;
		held = version != FREE && token == ours[me]
	}
}

/* release_by; give_back is the same. Who gives up leaves it to the lease. */
inline release()
{
	do
	:: find();
		if
		:: !held -> break
		:: else
		fi;
		write_item(version == seen[me], FREE, 0);
		if
		:: result == DONE -> break
		:: result == FAILED -> break	/* try_again: no more */
		:: result != DONE
		fi
	od
}

/* An answer may come when the lease is over: that is no reason to act. */
inline begin_to_act()
{
	atomic {
#ifdef LATE_LEASE			/* counted from the answer */
		act()
#else
		if
		:: lease[me] -> act()
		:: else
		fi
#endif
	}
}

/* renew, renew_once: by whoever was stopped for long, too. */
inline renew()
{
	do
	:: find();
		if
		:: !held -> acts[me] = false; break	/* ERR_LOST */
		:: else
		fi;
		new_version();
		write_item(version == seen[me], mine[me], fence[me]);
		if
		:: result == DONE -> begin_to_act(); break
		:: result == FAILED -> break
		:: result != DONE
		fi
	od
}

/* item_read, is_ours_to_take, observe; sleeps until there is news. */
inline look()
{
	do
	:: atomic {
		(version == FREE || token == ours[me] ||
		    version != watched[me] || over) ->
		if
		CRASH_HERE
		:: true
		fi;
		seen[me] = version;
		if
		:: version == FREE || token == ours[me] -> break
		:: version != FREE && token != ours[me] &&
		   version == watched[me] && over -> break
		:: else -> watched[me] = version; seen[me] = FREE
		fi }
	od
}

#ifdef BLIND_BREAK			/* stale once is stale for ever */
#define AS_SEEN (version == seen[me] || \
	(seen[me] != FREE && seen[me] == watched[me]))
#else
#define AS_SEEN (version == seen[me])
#endif

active [N] proctype client()
{
	byte i, next, takes = 0, renews = 0;
	bool held;
	mtype result;

acquire:
	atomic {
		takes++;
		renews = 0;
		ours[me] = me + 1 + N * (takes - 1)
	}
again:
	look();

	/* try_take */
	new_version();
	write_item(AS_SEEN, mine[me], 0);
	if
	:: result == REFUSED -> goto again
	:: result == FAILED -> release(); goto again
	:: result == DONE
	fi;

	/* give_fence */
	fence_next();
#ifdef EARLY_FENCE
	give_out(fence[me]);
#else
	atomic { seen[me] = mine[me]; watched[me] = FREE };
	new_version();
	write_item(version == seen[me], mine[me], fence[me]);
	if
	:: result == REFUSED -> goto over_with
	:: result == FAILED -> release(); goto over_with
	:: result == DONE
	fi;
#endif
	begin_to_act();

	do
	:: renews < RENEWS -> renews++; renew()
	:: break
	od;
	acts[me] = false;		/* the command has ended */
	release();
over_with:				/* so that attempts are bounded, too */
	atomic {
		held = false; result = 0; renews = 0; fence[me] = 0;
		ours[me] = 0; seen[me] = FREE; mine[me] = FREE;
		watched[me] = FREE; lease[me] = false
	}
	if
	:: takes < TAKES -> goto acquire
	:: else
	fi;
dead:
	atomic {
		acts[me] = false; lease[me] = false; held = false;
		result = 0; next = 0; renews = 0; takes = 0; fence[me] = 0;
		ours[me] = 0; seen[me] = FREE; mine[me] = FREE;
		watched[me] = FREE
	}
}

/* The version has stood for a lease, and longer than its holder acts. */
active proctype lease_ends()
{
	byte i;

end:	do
	:: atomic { version != FREE && !over ->
		over = true;
#ifndef OLD_PUT				/* see above */
		if
		:: late && late_seen == FREE ->
			late = false; late_mine = 0; late_token = 0;
			late_fence = 0
		:: else
		fi;
#endif
		i = 0;
		do
		:: i < N ->
			if
			:: ours[i] == token -> acts[i] = false
			:: else
			fi;
			if
			:: mine[i] == version -> lease[i] = false
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0 }
	od
}

/* What was sent arrives. */
active proctype network()
{
end:	do
	:: atomic { late ->
		if
		:: version == late_seen ->
			apply(late_mine, late_token, late_fence)
		:: else
		fi;
		late = false; late_seen = 0; late_mine = 0; late_token = 0;
		late_fence = 0 }
	od
}
