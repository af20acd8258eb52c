/*
 * old.pml - the lock of the scripts that rs-lock replaces
 *
 * mkdir, then the files; a waiter that finds an old timestamp removes the
 * directory and tries again. It is here to show that the models can tell a
 * bad lock from a good one: both of its faults are found.
 *
 * caught -DCRASHES=0
 * caught -DCRASHES=1 -DNO_STALE
 */
#define N 3

bool dir;			/* the lock directory is there */
bool stamped;			/* its timestamp is written */
bool old;			/* and is more than ten minutes ago */
byte inside = 0;
byte crashes = 0;

proctype contender()
{
	do
	:: atomic { !dir -> dir = true; stamped = false; old = false };	/* mkdir */
		if
		:: crashes < CRASHES -> crashes++; goto gone
		:: true
		fi;
		stamped = true;		/* date +%s >timestamp */
		break
	:: dir && stamped && old ->
		/* between the look at the age and rm -rf anything may happen */
		atomic { dir = false; stamped = false; old = false }
	od;
#ifdef NO_STALE
	skip
#else
	inside++;
	assert(inside == 1);
	inside--;
#endif
	dir = false;			/* trap EXIT: rm -rf */
gone:
	skip
}

active proctype age()
{
end:	do
#ifndef NO_STALE
	:: dir && stamped && inside == 0 && !old -> old = true
#else
	:: dir && stamped && !old -> skip
#endif
	od
}

init {
	atomic { run contender(); run contender(); run contender() }
}
