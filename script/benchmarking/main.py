"""Measures every row of docs/PERFORMANCE.md; started by script/benchmark."""

import argparse
import contextlib
import os
import platform
import sys

import rows
from cluster import PROGRAM, Cluster
from report import Comparison, Report

# Those that measure a part of the program that a commit may have changed, and not the server or the server's size.
COMPARED = [rows.start, rows.show, rows.cursor, rows.searches, rows.typing, rows.reset, rows.terminal_bytes, rows.log, rows.listing]
ROUNDS = 3


def arguments():
    parser = argparse.ArgumentParser(prog="script/benchmark", description=__doc__)
    parser.add_argument("--large", action="store_true", help="ten million people too")
    parser.add_argument("--quick", action="store_true", help="a hundred thousand people for a million: to try the script out")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="only groups of rows with this in their name")
    parser.add_argument("--compare", metavar="PROGRAM", help="this other convonet-admin, turn by turn with ours")
    return parser.parse_args()


def say(text):
    print("benchmark:", text, file=sys.stderr, flush=True)


def fill(cluster, sizes):
    for database, people in sizes.items():
        say(f"making {people:,} people")
        cluster.fill(database, people)


def measure(options, sizes):
    report = Report(options.json)
    with Cluster() as cluster:
        fill(cluster, sizes)
        bench = rows.Bench(cluster, report, list(sizes))
        for group in rows.GROUPS:
            if options.only and not any(word in group.__name__ for word in options.only):
                if group is not rows.build_index:
                    continue
            say(group.__name__.replace("_", " "))
            group(bench)
    return report


def compare(options, sizes):
    """Each program on a server of its own, with the schema that it makes; they take turns, and begin in turn."""
    report = Comparison(options.json, os.path.abspath(options.compare))
    with contextlib.ExitStack() as stack:
        benches = []
        for program, values in ((report.other, report.before), (PROGRAM, report.after)):
            cluster = stack.enter_context(Cluster(program=program))
            fill(cluster, sizes)
            benches.append(rows.Bench(cluster, values, list(sizes)))
            rows.build_index(benches[-1])
        for group in COMPARED:
            if options.only and not any(word in group.__name__ for word in options.only):
                continue
            say(group.__name__.replace("_", " "))
            for turn in range(ROUNDS):
                for bench in benches if turn % 2 == 0 else reversed(benches):
                    group(bench)
            report.show()
    return report


def main():
    options = arguments()
    if not options.json:
        print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
              "whole programs in release builds, medians unless said otherwise\n")
    sizes = {"small": 10_000, "million": 100_000 if options.quick else 1_000_000} | ({"large": 10_000_000} if options.large else {})
    sys.exit((compare if options.compare else measure)(options, sizes).finish())


main()
