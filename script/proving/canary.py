"""One secret by every way in or out, then looked for wherever it must not be; started by script/test-canary."""

import argparse
import os
import random
import signal
import sys
import time

import hunting
import tracing
from cluster import ROOT
from stage import Stage, missing_programs
from ways import Ways

PLACES = ["arguments", "swappable", "core", "kept after", "terminal", "server log", "data files", "system log", "files"]
PINS = {"PIN issued in the console", "piped PIN", "issued PIN", "PIN by link"}
SHOWN = {"generated in the console", "PIN issued in the console"}
SERVED = {"link's token", "password in a form", "password in JSON", "PIN by link", "code read out", "caller's code"}
# Where docs/SECURITY.md says that a secret is: what, where, and in which words.
EXPECTED = [
    (PINS, {"data files"}, "the application keeps voice PINs in plain text"),
    ({"piped PIN"}, {"server log"}, "a typed PIN is a bound parameter, which the server logs where it logs parameters"),
    (PINS - {"piped PIN"}, {"server log"}, "an issued PIN is in the server's log where auto_explain logs nested statements"),
    ({"piped PIN"}, {"swappable", "core"}, "a typed PIN is in ordinary memory while the database is asked"),
    (SHOWN, {"swappable", "core", "kept after"}, "what a screen shows is in ordinary memory, and may stay there"),
    (SERVED, {"kept after"}, "what comes to self-service by HTTP, or leaves it by mail, is in ordinary memory, and may stay there"),
]


def arguments():
    parser = argparse.ArgumentParser(prog="script/test-canary", description=__doc__)
    parser.add_argument("--seed", type=int, help="what the secrets are made from; printed where it is not given")
    parser.add_argument("--program", default=os.path.join(ROOT, ".build/benchmark/convonet-admin"), help="this convonet-admin")
    parser.add_argument("--self-service", default=os.path.join(ROOT, ".build/benchmark/convonet-self-service"),
                        help="this convonet-self-service")
    options = parser.parse_args()
    options.seed = random.randrange(10 ** 9) if options.seed is None else options.seed
    options.program, options.self_service = map(os.path.abspath, (options.program, options.self_service))
    return options


def say(text):
    print("test-canary:", text, file=sys.stderr, flush=True)


def count(stage, sampler, ways, begin):
    """Hits by way and place."""
    found = {way.name: dict.fromkeys(PLACES, 0) for way in ways}
    for way in ways:
        row = found[way.name]
        row["arguments"] = sampler.hits(way.secret)
        row["held"], row["swappable"] = way.held.hits(way.secret) if way.held else (None, 0)
        row["kept after"] = sum(way.left.hits(way.secret)) if way.left else 0
        row["core"] = way.secret.hits(way.cores)
        row["terminal"] = sum(way.secret.hits(look) for look in stage.looks)
    for place, data in everything_written(stage, begin):
        for way in ways:
            found[way.name][place] += way.secret.hits(data)
    return found


def everything_written(stage, begin):
    cluster, journal = stage.cluster, os.environ.get("CONVONET_JOURNAL")
    log = os.path.join(cluster.directory, "log")
    yield "server log", hunting.mapped(log)
    for _, data in hunting.files(cluster.data):
        yield "data files", data
    if journal:
        yield "system log", hunting.mapped(journal)
    # The mails themselves are where links and codes are to go.
    left_out = (cluster.data, log, stage.mail_file, journal)
    for place in dict.fromkeys([cluster.directory, "/tmp", "/var/tmp", os.path.expanduser("~")]):
        for _, data in hunting.files(place, left_out + ((cluster.directory,) if place != cluster.directory else ()), begin):
            yield "files", data


def expected(way, place):
    return next((words for names, places, words in EXPECTED if way in names and place in places), None)


def print_table(found):
    print(f"{'secret':<28}{'held':>6}" + "".join(f"{place:>12}" for place in PLACES))
    wrong, said = [], {}
    for way, row in found.items():
        cells = []
        for place in PLACES:
            words = expected(way, place)
            cells.append(f"({row[place]})" if words and row[place] else str(row[place]))
            if row[place] and words:
                said.setdefault(words, []).append(f"{way}: {row[place]} in {place}")
            elif row[place]:
                wrong.append(f"{way}: {row[place]} in {place}")
        print(f"{way:<28}{'' if row['held'] is None else row['held']:>6}" + "".join(f"{cell:>12}" for cell in cells))
    print("\nIn brackets, because docs/SECURITY.md says so:")
    for words, where in said.items():
        print(f"  {words}: {'; '.join(where)}")
    return wrong


def main():
    options = arguments()
    if missing := missing_programs():
        raise SystemExit(f"test-canary: {', '.join(missing)} missing; see script/bootstrap --proof")
    if os.getuid():
        raise SystemExit("test-canary: run it as root: it looks into every process")
    say(f"seed {options.seed}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    traces = list(tracing.findings(options.program))
    begin = time.time()
    with hunting.Sampler() as sampler, Stage(options, say) as stage:
        ways = Ways(stage)
        ways.run_all()
        stage.stop_service()
        # All that the server has in memory is written to its files.
        stage.cluster.sql("CHECKPOINT", "people", user="postgres")
        say("looking everywhere")
        found = count(stage, sampler, ways.done, begin - 1)
    wrong = print_table(found)
    blind = [way.name for way in ways.done if way.held and not found[way.name]["held"]]
    for name in blind:
        print(f"BLIND: {name} was not found where it had to be, in locked memory")
    for words, is_well in traces:
        print(words)
        wrong += [] if is_well else [words]
    for hit in wrong:
        print(f"HIT: {hit}")
    print(f"{sampler.rounds} looks at all processes, {time.time() - begin:.0f} s, seed {options.seed}; "
          f"{len(wrong)} places where a secret must not be")
    sys.exit(1 if wrong or blind else 0)


if __name__ == "__main__":
    main()
