"""Run a tool again and again, each time with another one of its calls failing.

usage: inject.py LIBRARY WHAT SAMPLE TOOL [ARGUMENT ...]

WHAT is alloc or io; SAMPLE is how many of the calls are tried (0: all; the
choice follows SEED). Each run must end in one of these ways:
- it succeeds and prints what it prints undisturbed, or
- a documented failure: status 2 to 9, one or two lines of the tool's own on
  stderr, and nothing on stdout that claims to be complete.
Never a signal, never silence, never a success that is none.
"""

import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

library, what, sample, *command = sys.argv[1:]
SEED = int(os.environ.get("SEED", random.randrange(1 << 32)))
tool = os.path.basename(command[0])
directory = tempfile.mkdtemp(dir=os.environ.get("BATS_TEST_TMPDIR"))


def run(at):
    """Status, stdout, stderr, number of calls, which one failed."""
    count = os.path.join(directory, f"count-{at}")
    env = dict(os.environ, LD_PRELOAD=library, INJECT_WHAT=what,
               INJECT_AT=str(at), INJECT_COUNT=count)
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False,
                          timeout=60)
    total, failed = 0, ""
    if os.path.exists(count):
        with open(count, encoding="ascii") as f:
            total, _, failed = f.read().strip().partition(" ")
        os.unlink(count)
    return done.returncode, done.stdout, done.stderr, int(total), failed


def complaint(at, reference):
    status, out, err, _, failed = run(at)
    lines = err.splitlines()
    if status < 0:              # it could not even say which call failed
        return f"call {at}: killed by signal {-status}"
    if not failed:
        return None             # this run made fewer calls
    if status == 0 and out == reference:
        return None
    wrong = None
    if status > 9 or status == 1:
        wrong = f"status {status}"
    elif status == 0:
        wrong = "a success with other output"
    elif '"complete":true' in out:
        wrong = "a failure that says complete"
    elif failed != "write" and not lines:
        wrong = "a failure without a word"
    elif len(lines) > 2 or any(not x.startswith(tool + ": ") for x in lines):
        wrong = "not one or two lines of its own"
    return wrong and (f"{failed} {at}: {wrong}\n  stdout: {out!r}\n"
                      f"  stderr: {err!r}")


def main():
    status, reference, err, total, _ = run(0)
    if status != 0 or err or total == 0:
        sys.exit(f"undisturbed: status {status}, {total} calls, {err}")
    rnd = random.Random(SEED)
    points = list(range(1, total + 1))
    if 0 < int(sample) < total:
        points = sorted(rnd.sample(points, int(sample)))
    with ThreadPoolExecutor(2) as pool:
        wrong = [c for c in pool.map(lambda at: complaint(at, reference),
                                     points) if c]
    for c in wrong[:10]:
        print(c)
    print(f"SEED={SEED}")
    print(f"{tool}: {len(points)} of {total} {what} calls failed in turn, "
          f"{len(wrong)} wrong")
    sys.exit(bool(wrong))


main()
