/*
 * dir.pml - the directory backend of rs-lock as a model for Spin
 *
 * Each step is named after the function of lib/lock that takes it; what is
 * atomic here is one system call there, or is done under the mutex, which the
 * kernel frees when its owner dies. A process may crash before any step
 * (CRASHES of them in all). The clock is an event: lease_ends() may happen at
 * any moment while a leased lock is held, so also at the worst one.
 *
 * Checked:
 * - no two attended holders work at the same time, and none without the lock;
 * - a lease that was broken is a lock that a judge saw run out, in the version
 *   that was broken; its holder may still be at work, and the store that asks
 *   for the fence refuses it;
 * - fences are given out, and used in the store, in increasing order;
 * - no lost wake-up: who waits is woken, or Spin finds an invalid end state;
 * - nobody goes round for ever: every process that lives gets the lock and
 *   ends (with SAFETY undefined: no cycle without progress, under fairness).
 *
 * What tests/model/run does, OPTIONS for spin: "safe", "live", or "caught"
 * for a model that must fail:
 * safe -DLEASED=0 -DCRASHES=3
 * safe -DLEASED=1 -DCRASHES=2
 * safe -DLEASED=2 -DCRASHES=2
 * live -DLEASED=0 -DCRASHES=2
 * live -DLEASED=1 -DCRASHES=1
 * caught -DLEASED=1 -DBLIND_BREAK
 * caught -DLEASED=0 -DLATE_WATCH
 */
#ifndef N
#define N 3
#endif
#ifndef CRASHES
#define CRASHES 2
#endif
#define NONE 255

byte mutex = NONE;		/* dir_enter .. dir_leave: flock on `count` */
byte fence = 0;			/* in `count` */
byte granted = 0;		/* the last one that was published */
byte store = 0;			/* the largest fence the store has seen */
byte version = 0;		/* token and renewed_ms of the holder */
byte gone_version[N];		/* what the judge of p called gone */

/* The queue: places are numbers; place[p] is 0 for none. */
byte next_place = 1;		/* in `count` */
byte place[N];
bool fifo[N];			/* the alive FIFO of this process is open */
bool rung[N];			/* dir_publish wrote its byte into it */

/* The holder: the directory NAME. */
byte holder = NONE;
bool leased;			/* without alive FIFO */
bool expired;
byte held_fence = 0;
bool moved[N];			/* inotify: the directory p watches was moved */
byte watches[N];		/* the fence of the holder p watches, 0: none */

byte crashes = 0;
bool dead[N];
byte inside = 0;		/* attended holders in their section */

#ifdef BLIND_BREAK			/* judged once is judged for ever */
#define CALLED_GONE (gone_version[me] != 0)
#else
#define CALLED_GONE (gone_version[me] == version)
#endif
#define alive(p) (fifo[p] && !dead[p])

/* The kernel closes everything a process had. */
inline crash(me)
{
	atomic {
		crashes++;
		dead[me] = true;
		fifo[me] = false;	/* hang-up: polled by others */
		if
		:: mutex == me -> mutex = NONE
		:: else
		fi;
		if
		:: in_section -> inside--; in_section = false
		:: else
		fi;
		goto gone
	}
}

#define MAY_CRASH if :: crashes < CRASHES -> crash(me) :: true fi

/* dir_break: one rename takes the holder out; inotify tells who watches. */
inline dir_break()
{
	d_step {
		i = 0;
		do
		:: i < N ->
			if
			:: watches[i] == held_fence && held_fence != 0 ->
				moved[i] = true
			:: else
			fi;
			i++
		:: else -> break
		od;
		holder = NONE; leased = false; expired = false; i = 0
	}
}

/* dir_ahead: the living one right before us; clears dead places away. */
inline dir_ahead()
{
	d_step {
		ahead = NONE; i = 0;
		do
		:: i < N ->
			if
			:: place[i] != 0 && place[i] < place[me] && !alive(i) ->
				place[i] = 0
			:: place[i] != 0 && place[i] < place[me] && alive(i) &&
			   (ahead == NONE || place[i] > place[ahead]) ->
				ahead = i
			:: else
			fi;
			i++
		:: else -> break
		od;
		i = 0
	}
}

proctype contender(byte me; bool attended)
{
	byte ahead, i, mine, asked;
	bool in_section = false, renewed = false;

again:	/* dir_enter */
	MAY_CRASH;
	atomic { mutex == NONE -> mutex = me };

	/* dir_join: make_place, then make_alive */
	if
	:: place[me] == 0 ->
		MAY_CRASH;
		next_place++;		/* dir_save_count */
		MAY_CRASH;
		d_step { place[me] = next_place - 1; fifo[me] = true;
		    rung[me] = false }
	:: else
	fi;
	MAY_CRASH;
	dir_ahead();

	/* look_at_slot, fate_of: only the first breaks */
	asked = 0;
	if
	:: ahead == NONE && holder != NONE && !leased && !alive(holder) ->
		MAY_CRASH;
		dir_break()
	:: ahead == NONE && holder != NONE && leased && expired ->
		if
		:: CALLED_GONE ->
			assert(gone_version[me] == version);
			MAY_CRASH;
			dir_break()
		:: else -> asked = version
		fi
	:: else
	fi;

	if
	:: ahead == NONE && holder == NONE ->
		/* dir_publish: the fence is burnt, then one rename */
		MAY_CRASH;
		fence++;
		mine = fence;
		MAY_CRASH;
		d_step {
			assert(holder == NONE);
			assert(mine > granted);
			granted = mine;
			version++;
			holder = me; held_fence = mine; leased = !attended;
			expired = false; place[me] = 0;
		}
		MAY_CRASH;
		if
		:: attended -> rung[me] = true
		:: else -> fifo[me] = false
		fi;
		MAY_CRASH;
		mutex = NONE;		/* dir_leave */
		goto section
	:: else
	fi;

	/* ask_judge: outside the mutex; the holder may renew meanwhile */
	if
	:: asked != 0 ->
		mutex = NONE;
		MAY_CRASH;
		gone_version[me] = asked;
		goto again
	:: else
	fi;

	/* wait_for_holder: watches are set before the mutex is left */
#ifdef LATE_WATCH			/* what would go wrong if not */
	MAY_CRASH;
	mutex = NONE;
#endif
	if
	:: ahead == NONE -> d_step { watches[me] = held_fence;
	    moved[me] = false }
	:: else
	fi;
#ifndef LATE_WATCH
	MAY_CRASH;
	mutex = NONE;			/* dir_leave */
#endif
	MAY_CRASH;

	/* wake_wait: the kernel wakes us, nothing else does */
	if
	:: ahead != NONE && (!fifo[ahead] || rung[ahead]) -> goto again
	:: ahead == NONE && moved[me] -> goto again
	:: ahead == NONE && watches[me] == held_fence && holder != NONE &&
	   !leased && !alive(holder) -> goto again	/* the hang-up */
	:: ahead == NONE && watches[me] == held_fence && holder != NONE &&
	   leased && expired -> goto again		/* the timer */
	fi;

section:
progress:
	if
	:: !attended && !renewed ->
		/* dir_renew: one more lease, if it is still ours */
		MAY_CRASH;
		atomic { mutex == NONE -> mutex = me };
		if
		:: holder == me && held_fence == mine ->
			d_step { expired = false; version++ }
		:: else
		fi;
		renewed = true;
		mutex = NONE
	:: true
	fi;
	atomic {
		if
		:: attended ->
			in_section = true; inside++;
			assert(inside == 1);
			assert(mine > store);
			store = mine
		:: !attended && mine > store -> store = mine
		:: !attended && mine <= store	/* refused: it was fenced off */
		fi
	};
	MAY_CRASH;
	assert(!attended || (holder == me && held_fence == mine));
	if
	:: in_section -> atomic { in_section = false; inside-- }
	:: else
	fi;

	/* dir_release: find by token, take out */
	MAY_CRASH;
	atomic { mutex == NONE -> mutex = me };
	MAY_CRASH;
	if
	:: holder == me && held_fence == mine ->
		dir_break()
	:: else				/* ERR_LOST */
	fi;
	MAY_CRASH;
	mutex = NONE;
	fifo[me] = false;		/* the end of the process */
gone:
	skip
}

/* The clock: a lease that nobody renews ends some time. */
active proctype lease_ends()
{
end:	do
	:: atomic { holder != NONE && leased && !expired -> expired = true }
	od
}

init {
	atomic {
		run contender(0, LEASED < 2);
		run contender(1, LEASED < 1);
		run contender(2, true)
	}
}
