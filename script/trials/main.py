"""Runs every trial and prints a table of what was tried and its outcome; called by script/test-sshd and script/test-sign-in."""

import signal
import sys

import database_sign_ins
import losses
import sign_ins
import ways_out
from host import Host, Surprise


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    program, subject = sys.argv[1:]
    with Host(program) as host:
        if subject == "sign-in":
            with database_sign_ins.SignIns(host) as database:
                return table(database_sign_ins.TRIALS, database)
        return table(sign_ins.TRIALS + ways_out.TRIALS + losses.TRIALS, host)


def table(trials, scene):
    """Runs them in their order; 1 at the first surprise."""
    print("| Tried | Outcome |\n|---|---|", flush=True)
    for trial in trials:
        what = trial.__doc__.strip()
        try:
            outcomes = trial(scene)
            for tried, outcome in [(what, outcomes)] if isinstance(outcomes, str) else outcomes:
                print(f"| {tried} | {outcome} |", flush=True)
        except Surprise as surprise:
            print(f"| {what} | SURPRISE |\n\n{surprise}", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except Surprise as surprise:
        print(surprise, file=sys.stderr)
        sys.exit(1)
