"""Standard input of every length around its limits, with every line ending, for each command that reads a secret; started by
script/test-lengths."""

import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import time

from cluster import PROGRAM, Cluster

# Around nothing, bcrypt's 72 bytes, the 4096 that are read, and what pipes and pages hold.
LENGTHS = [*range(0, 12), *range(60, 84), 127, 128, 255, 256, 1023, 1024, *range(4085, 4106), 8191, 8192, 8193, 65535, 65536, 65537,
           200000]
ENDINGS = [b"", b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\0", b"\xff", b"\xc3"]
COMMANDS = {
    "hash": ["hash", "--stdin", "--cost", "10", "--json"],
    "reset-password": ["reset-password", "{person}", "--stdin", "--yes", "--json", "--dry-run"],
    "reset-pin": ["reset-pin", "{person}", "--stdin", "--yes", "--json", "--dry-run"],
}
FILL = {"hash": b"aB3", "reset-password": b"qW7zR", "reset-pin": b"4937186205"}
# done, wrong usage, or refused: nothing else may come of what is on standard input.
EXPECTED = {0, 65}


def text(command, length):
    fill = FILL[command]
    return (fill * (length // len(fill) + 1))[:length]


def run(program, environment, command, words, data):
    process = subprocess.run([program, *words], env=environment, input=data, capture_output=True)
    return process.returncode, process.stdout, process.stderr


def verdict(command, length, ending, status, output, errors):
    """What is wrong with an answer; nothing where all is well."""
    if status not in EXPECTED:
        return f"ended with {status}: {errors[-200:]!r}"
    data = text(command, length) + ending
    if len(data) >= 8 and data[:8] in output + errors:
        return "what was typed is in the answer"
    if status == 0 and length > 72:
        return "more than 72 bytes were accepted"
    is_plain = ending in (b"", b"\n", b"\r\n")
    if status == 0 and not is_plain:
        return "a control character or broken character was accepted"
    if command == "hash" and is_plain and 0 < length <= 72 and status != 0:
        return f"a password of {length} bytes was refused"
    if status == 0 and not json.loads(output):
        return "no object"
    return None


def main():
    parser = argparse.ArgumentParser(prog="script/test-lengths", description=__doc__)
    parser.add_argument("--program", default=PROGRAM, help="this convonet-admin, and not one that is built first")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    begin, faults, counts = time.monotonic(), 0, collections.Counter()
    with Cluster(owner="lengths", program=program) as cluster, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        cluster.fill("people", 50)
        cluster.program("people", "policy", "set", "bcrypt_cost=10", "refusals_per_operator_hour=10000")
        person, = cluster.sql("SELECT email FROM users_convonet WHERE password_hash LIKE '$2%' AND is_active LIMIT 1", "people")[0]
        environment = cluster.environment("people")
        tries = [(c, length, ending) for c in COMMANDS for length in LENGTHS for ending in ENDINGS]

        def attempt(what):
            command, length, ending = what
            words = [word.replace("{person}", person) for word in COMMANDS[command]]
            status, output, errors = run(program, environment, command, words, text(command, length) + ending)
            return command, status, what, verdict(command, length, ending, status, output, errors)

        for command, status, what, wrong in pool.map(attempt, tries):
            counts[command, status] += 1
            if wrong:
                faults += 1
                print(f"test-lengths: {command}, {what[1]} bytes and {what[2]!r}: {wrong}", file=sys.stderr)
    for command in COMMANDS:
        found = [(status, count) for (name, status), count in sorted(counts.items()) if name == command]
        answers = ", ".join(f"{count} with exit code {status}" for status, count in found)
        print(f"{command:<16}{answers}")
    print(f"{sum(counts.values())} runs, {faults} faults, {time.monotonic() - begin:.0f} s")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
