"""Start the sandbox: bind, go into the background, answer.

The parent returns when the port is bound, so whoever started us may connect
at once.  rs-sandbox, the shell front, is what people call.
"""

import argparse
import json
import os
import signal
import ssl
import sys
import threading
import time
from pathlib import Path

from . import REGION
from .app import Sandbox
from .clock import Settings
from .server import Server

WATCH_S = 1.0


def arguments():
    parser = argparse.ArgumentParser(
        prog="rs-sandbox start", allow_abbrev=False
    )
    parser.add_argument("--dir", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--region", default=REGION)
    parser.add_argument(
        "--idle", type=float, default=60, help="minutes until it stops (60)"
    )
    parser.add_argument(
        "--parent", type=int, help="stop when this process is gone"
    )
    parser.add_argument(
        "--no-verify", action="store_true", help="take any signature"
    )
    parser.add_argument(
        "--stick-parallel",
        action="store_true",
        help="a workgroup created while another is being made gets stuck",
    )
    parser.add_argument("--tls", action="store_true", help="serve https")
    for name, value in Settings.DURATIONS.items():
        parser.add_argument(
            f"--{name}-time",
            type=float,
            default=value,
            metavar="SECONDS",
            help=f"how long it takes ({value:g})",
        )
    return parser.parse_args()


def tls_context(directory):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem", directory / "server.key")
    return context


def start_of(pid):
    """When process pid began, in ticks since boot; None when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]


def watch(sandbox, idle_s, parent):
    """End the process when nobody needs it any more."""
    parent_start = start_of(parent) if parent else None
    while True:
        time.sleep(WATCH_S)
        idle = time.monotonic() - sandbox.last_used
        if not sandbox.busy and idle > idle_s:
            break
        if parent and start_of(parent) != parent_start:
            break
    os.kill(os.getpid(), signal.SIGTERM)


def detach(log):
    """Leave the session and every descriptor of whoever started us."""
    os.setsid()
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDONLY)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(null, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)


def close_others(keep):
    os.closerange(3, keep)
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))


def main():
    options = arguments()
    directory = Path(options.dir)
    if options.parent and start_of(options.parent) is None:
        sys.exit(f"rs-sandbox: --parent: no process {options.parent}")
    durations = {
        name: getattr(options, f"{name}_time") for name in Settings.DURATIONS
    }
    settings = Settings(
        durations, options.stick_parallel, not options.no_verify
    )
    sandbox = Sandbox(options.region, settings)
    tls = tls_context(directory) if options.tls else None
    try:
        server = Server(options.port, sandbox, tls)
    except OSError as error:
        sys.exit(f"rs-sandbox: cannot listen on {options.port}: {error}")
    log = directory.resolve() / "log"
    child = os.fork()
    if child:
        url = f"{'https' if tls else 'http'}://127.0.0.1:{server.port}"
        (directory / "url").write_text(f"{url}\n")
        (directory / "pid").write_text(f"{child}\n")
        print(json.dumps(
            {"endpoint": url, "region": options.region, "pid": child}
        ))  # fmt: skip
        return
    detach(log)
    close_others(server.fileno())
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    threading.Thread(
        target=watch,
        args=(sandbox, options.idle * 60, options.parent),
        daemon=True,
    ).start()
    threading.Thread(target=sandbox.load, daemon=True).start()
    server.serve_forever(poll_interval=60)


main()
