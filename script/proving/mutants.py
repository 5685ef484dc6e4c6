"""Changes one thing of the SQL functions at a time and runs the suites that touch it; started by script/test-mutants."""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

from mutations import all_mutations
from touching import suites

FAULT = re.compile(r"✘ (?:Test|Suite) (\S.*?) (?:recorded an issue|failed)")


def arguments():
    parser = argparse.ArgumentParser(prog="script/test-mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="how many, drawn from all (60); 0: all of them")
    parser.add_argument("--seed", type=int, help="what chance begins with; printed where it is not given")
    parser.add_argument("--file", default="", metavar="TEXT", help="only those with this in their file, function or line")
    parser.add_argument("--minutes", type=float, help="begin none after so many minutes")
    parser.add_argument("--list", action="store_true", help="only say which there are")
    options = parser.parse_args()
    options.seed = random.randrange(10 ** 9) if options.seed is None else options.seed
    return options


def say(text):
    print("test-mutants:", text, flush=True)


def run_suites(pattern, mutant=None):
    """Runs them until the first failure: the name of what failed, or None; raises where they did not run."""
    command = ["swift", "test", "--explicit-target-dependency-import-check", "error", "--skip-build", "--disable-xctest",
               "--filter", f"ConvonetCoreTests.({pattern})/"]
    environment = dict(os.environ, SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=str(2 * os.cpu_count()))
    if mutant:
        environment["CONVONET_MUTANT"] = mutant
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
                          start_new_session=True, errors="replace") as tests:
        try:
            return first_fault(tests)
        finally:
            end(tests)


def first_fault(tests):
    last = []
    for line in tests.stdout:
        last = last[-30:] + [line]
        if "the mutant could not be applied" in line:
            raise ValueError(line.strip()[:200])
        if found := FAULT.search(line):
            return found.group(1)
        if "Test run with" in line and "passed" in line and "with 0 tests" not in line:
            return None
    raise RuntimeError("the tests did not run:\n" + "".join(last))


def end(tests):
    """Ends the tests with all that they started: their servers go with them."""
    if tests.poll() is None:
        try:
            os.killpg(tests.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    tests.wait()


def draw(options):
    found = [mutation for mutation in all_mutations() if options.file in str(mutation)]
    random.Random(options.seed).shuffle(found)
    return found[:options.count or None], len(found)


def run(options, drawn):
    """Tries each, and counts how it ended."""
    began, noticed, survived, invalid = time.monotonic(), 0, [], 0
    for number, mutation in enumerate(drawn, 1):
        if options.minutes and time.monotonic() - began > 60 * options.minutes:
            break
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(mutation.sql())
            file.flush()
            os.chmod(file.name, 0o644)
            try:
                fault = run_suites(suites(mutation.file), file.name)
            except ValueError:
                invalid += 1
                continue
        if fault:
            noticed += 1
        else:
            survived.append(mutation)
        say(f"{number} {'noticed by ' + fault if fault else 'SURVIVED'}: {mutation}")
    return noticed, survived, invalid, time.monotonic() - began


def main():
    options = arguments()
    drawn, total = draw(options)
    if options.list:
        print(*drawn, sep="\n")
        return 0
    say(f"{len(drawn)} of {total} changes, seed {options.seed}")
    noticed, survived, invalid, seconds = run(options, drawn)
    tried = noticed + len(survived)
    say(f"seed {options.seed}: {noticed} of {tried} noticed, {invalid} were no SQL, {seconds:.0f} s")
    for mutation in survived:
        say(f"not noticed: {mutation}")
    return 0 if noticed >= 0.9 * tried else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    sys.exit(main())
