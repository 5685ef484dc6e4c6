"""Resets in which client, backend, server or line is killed or cut at a random moment; started by script/test-kills."""

import argparse
import asyncio
import collections
import json
import multiprocessing
import os
import random
import signal
import statistics
import sys
import time

from blows import KINDS, Usual
from cluster import PROGRAM
from mortal import MortalCluster
from resets import DONE, NOTHING, SILENT, UNKNOWN, WAYS, Bench, Plan, Reset

SETTINGS = ("bcrypt_cost=10", "events_per_operator_hour=1000000", "pin_answers_per_hour=1000000", "decoys_per_thousand=0",
            "refusals_per_operator_hour=10000", "typed_pin_limit=20")
BEYOND = "too late"


def arguments():
    parser = argparse.ArgumentParser(prog="script/test-kills", description=__doc__)
    parser.add_argument("--resets", type=int, default=500, help="how many (500; 10000 is the whole proof)")
    parser.add_argument("--seed", type=int, help="what chance begins with; printed where it is not given")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one of them alone, by the number that a failure names")
    parser.add_argument("--at-once", type=int, default=os.cpu_count(), metavar="N", help="so many servers, each with its resets")
    parser.add_argument("--program", default=PROGRAM, help="this convonet-admin, and not one that is built first")
    options = parser.parse_args()
    options.seed = random.randrange(10 ** 9) if options.seed is None else options.seed
    options.program = os.path.abspath(options.program)
    return options


def say(text):
    print("test-kills:", text, file=sys.stderr, flush=True)


def prepare(cluster):
    cluster.sql("CREATE ROLE desk LOGIN", "postgres", user="postgres")
    cluster.fill("people", 500, "--watch-direct-changes", "--grant-operator", "desk")
    cluster.program("people", "policy", "set", *SETTINGS)


async def measure_usual(bench):
    """What each way takes that nothing disturbs."""
    for way in WAYS:
        found = []
        for number in range(5):
            plan = Plan(f"usual/{way}", number, bench.people)
            plan.way = way
            _, trap = await bench.call(plan)
            await bench.settle()
            found.append(trap)
        bench.usual[way] = Usual(*(
            statistics.median(getattr(trap, name) for trap in found) for name in ("seconds", "size", "pieces")))


async def run_all(options, cluster, numbers, results):
    bench = Bench(cluster, options.seed, {})
    await measure_usual(bench)
    ended = {}
    for number in numbers:
        plan = Plan(options.seed, number, bench.people)
        reset = await Reset(bench, plan).run()
        ended[plan.request] = reset.ended
        results.put(("reset", summary(reset)))
    for fault in compare_log(cluster, bench, ended):
        results.put(("fault", fault))


def summary(reset):
    calls = []
    for call in reset.calls:
        kind = (call.blow.kind if call.is_dealt else BEYOND) if call.blow else "nothing"
        calls.append({"kind": kind, "meaning": call.told.meaning, "replayed": call.told.is_replayed, "did": call.did})
    return {"number": reset.plan.number, "way": reset.plan.way, "calls": calls, "ended": reset.ended, "faults": reset.faults,
            "rule": reset.calls[-1].told.object.get("rule"), "blows": [str(blow) for blow in reset.plan.blows]}


def compare_log(cluster, bench, ended):
    """The whole log beside what was told at the end of each reset."""
    output = cluster.program("people", "audit", "list", "--json", "--limit", "1000000").stdout
    done = collections.Counter()
    for event in map(json.loads, output.splitlines()):
        if event["actor_kind"] == "outside":
            yield "lie", f"written past the log: event {event['sequence']}"
        if event["outcome"] == "done":
            done[event["request_id"]] += 1
    for request, told in ended.items():
        if done[request] != (1 if told == DONE else 0):
            kind = "double" if done[request] > 1 else "lie"
            yield kind, f"request {request} ended as {told}, and has {done[request]} events done"
    journal = os.environ.get("CONVONET_JOURNAL")
    verified = cluster.program("people", "audit", "verify", "--json", *(["--journal", journal] if journal else []), check=False)
    found = json.loads(verified.stdout)
    if not found["ok"]:
        yield "lie", f"the log does not verify: {verified.stdout}"
    yield "log", (found["events"], found.get("journal_heads", 0))


def work(options, numbers, results):
    """One server and its resets, in a process of its own."""
    # Ctrl-C reaches all of us; whoever started us says when to end.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with MortalCluster("test-kills", options.program) as cluster:
            prepare(cluster)
            asyncio.run(run_all(options, cluster, numbers, results))
    finally:
        results.put(("end", None))


class Report:
    def __init__(self, options):
        self.options = options
        self.begin = time.monotonic()
        self.resets, self.faults, self.logs = [], [], []

    def take(self, kind, what):
        if kind == "reset":
            self.resets.append(what)
            for fault in what["faults"]:
                self.fault(*fault, f"reset {what['number']} ({what['way']}; {'; '.join(what['blows'])}): ")
            if len(self.resets) % 100 == 0:
                say(f"{len(self.resets)} resets, {len(self.faults)} faults, {time.monotonic() - self.begin:.0f} s")
        elif what[0] == "log":
            self.logs.append(what[1])
        else:
            self.fault(*what)

    def fault(self, kind, words, place=""):
        self.faults.append(kind)
        say(f"{kind.upper()}: {place}{words}")

    def print_calls(self):
        """How the calls ended, by what was done to them; and of those that told nothing certain, how many had made the change."""
        calls = collections.defaultdict(collections.Counter)
        for reset in self.resets:
            for call in reset["calls"]:
                calls[call["kind"]][call["meaning"]] += 1
                calls[call["kind"]]["did"] += call["did"] and call["meaning"] in (UNKNOWN, SILENT)
        columns = {DONE: "told done", NOTHING: "not done", UNKNOWN: "unknown", SILENT: "no word", "did": "yet done"}
        print(f"{'struck':<22}{'calls':>8}" + "".join(f"{name:>12}" for name in columns.values()))
        for kind in [*KINDS, BEYOND, "nothing"]:
            print(f"{kind:<22}{sum(calls[kind][name] for name in (DONE, NOTHING, UNKNOWN, SILENT)):>8}"
                  + "".join(f"{calls[kind][name]:>12}" for name in columns))

    def finish(self):
        self.print_calls()
        calls = [call for reset in self.resets for call in reset["calls"]]
        count = collections.Counter(self.faults)
        refused = collections.Counter(reset["rule"] for reset in self.resets if reset["ended"] == NOTHING)
        print(f"\n{len(self.resets)} resets in {len(calls)} calls, {sum(call['replayed'] for call in calls)} of them answered "
              f"with the receipt of an earlier one; {sum(reset['ended'] == DONE for reset in self.resets)} done, "
              f"{sum(refused.values())} refused" + (f" ({', '.join(f'{r} {c}' for r, c in refused.items())})." if refused else "."))
        print(f"Logs that were compared and verified: {len(self.logs)}, "
              f"with {sum(log[0] for log in self.logs)} events; the journal has {sum(log[1] for log in self.logs)} heads. "
              f"{time.monotonic() - self.begin:.0f} s, seed {self.options.seed}.")
        print(f"lies {count['lie']}, doubles {count['double']}, stuck {count['stuck']}")
        return 1 if self.faults or len(self.resets) < self.wanted() else 0

    def wanted(self):
        return 1 if self.options.only is not None else self.options.resets


def main():
    options = arguments()
    say(f"seed {options.seed}")
    numbers = list(range(options.resets)) if options.only is None else [options.only]
    count = max(1, min(options.at_once, len(numbers)))
    results = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=work, args=(options, numbers[i::count], results)) for i in range(count)]
    report = Report(options)
    for worker in workers:
        worker.start()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    while count:
        try:
            kind, what = results.get()
        except KeyboardInterrupt:
            say("interrupted: the logs are not compared")
            signal.signal(signal.SIGINT, lambda *_: None)
            for worker in workers:
                worker.terminate()
            continue
        if kind == "end":
            count -= 1
        else:
            report.take(kind, what)
    for worker in workers:
        worker.join()
    sys.exit(report.finish())


if __name__ == "__main__":
    main()
