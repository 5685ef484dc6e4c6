"""Measures every row of docs/PERFORMANCE.md; started by script/benchmark."""

import argparse
import os
import platform
import sys

import rows
from cluster import Cluster
from report import Report


def arguments():
    parser = argparse.ArgumentParser(prog="script/benchmark", description=__doc__)
    parser.add_argument("--large", action="store_true", help="ten million people too")
    parser.add_argument("--quick", action="store_true", help="a hundred thousand people for a million: to try the script out")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="only groups of rows with this in their name")
    return parser.parse_args()


def say(text):
    print("benchmark:", text, file=sys.stderr, flush=True)


def main():
    options = arguments()
    report = Report(options.json)
    if not options.json:
        print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
              "whole programs in release builds, medians unless said otherwise\n")
    with Cluster() as cluster:
        sizes = {"small": 10_000, "million": 100_000 if options.quick else 1_000_000} | ({"large": 10_000_000} if options.large else {})
        for database, people in sizes.items():
            say(f"making {people:,} people")
            cluster.fill(database, people)
        bench = rows.Bench(cluster, report, list(sizes))
        for group in rows.GROUPS:
            if options.only and not any(word in group.__name__ for word in options.only):
                if group is not rows.build_index:
                    continue
            say(group.__name__.replace("_", " "))
            group(bench)
    sys.exit(report.finish())


main()
