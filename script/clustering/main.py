"""Lets servers fail under the programs, and counts what was said against what is there; started by script/test-cluster."""

import argparse
import collections
import os
import random
import shutil
import signal
import sys
import tempfile
import time

from ledger import Ledger, longest_wait, middle_and_worst
from load import Console, Load, make_tokens
from processes import Processes, run
from servers import Cluster

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Seconds for which a fault lasts before it is undone; the lock of a primary that vanished is free after 20.
LASTS = {"kill": 0, "switchover": 0, "partition": 30, "disk": 20}


def arguments():
    parser = argparse.ArgumentParser(prog="script/test-cluster", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often each kind of fault comes (default: 1)")
    parser.add_argument("--only", choices=list(Cluster.FAULTS), action="append", help="only this kind; may be repeated")
    parser.add_argument(
        "--seed", type=int, default=int.from_bytes(os.urandom(3), "big"), help="the order of faults, and whom changes are of")
    parser.add_argument("--fsync", action="store_true", help="let the servers wait for the disk")
    parser.add_argument(
        "--programs", type=os.path.abspath, default=os.path.join(ROOT, ".build/cluster-test"), help="where the built programs are")
    parser.add_argument("--keep", metavar="DIRECTORY", help="keep the console's screens and the logs there")
    return parser.parse_args()


def say(text):
    print("test-cluster:", text, file=sys.stderr, flush=True)


def install(cluster, load):
    """The application's table with made-up people, and the schema with its roles."""
    cluster.sql("CREATE ROLE convonet LOGIN CREATEROLE; CREATE ROLE desk LOGIN; CREATE ROLE web LOGIN;"
                "CREATE ROLE auditor LOGIN; CREATE DATABASE convonet OWNER convonet", database="postgres")
    for name in ("convonet_schema", "demo_people"):
        with open(f"{ROOT}/Sources/AdminCommands/Demo/{name}.sql", encoding="utf-8") as file:
            cluster.sql(file.read().replace("{{count}}", "4000"), user="convonet")
    grants = ["--grant-operator", "desk", "--grant-auditor", "auditor", "--grant-selfservice", "web"]
    result = load.admin("migrate", "--yes", *grants, user="convonet")
    if result.returncode:
        raise SystemExit(f"test-cluster: migrate failed:\n{result.stderr}")
    cluster.sql("""UPDATE convonet_admin.policy SET bcrypt_cost = 10, pin_answers_per_hour = 1000000,
                   refusals_per_operator_hour = 10000,
                   events_per_operator_hour = 1000000, self_service_address_limit = 1000000, self_service_total_limit = 1000000,
                   self_service_account_limit = 1000""")


class Rounds:
    def __init__(self, cluster, load, console, keep):
        self.cluster, self.load, self.console, self.keep = cluster, load, console, keep
        self.ledger = Ledger(cluster, load)
        self.waits = collections.defaultdict(list)
        self.whole = collections.defaultdict(list)
        self.receipts = 0

    def all_ways_work(self, since):
        done = {change.way for change in self.load.ended() if change.said == "done" and change.began >= since}
        return done >= set(self.load.ways)

    def round(self, number, kind):
        time.sleep(5)
        began = time.monotonic()
        say(f"round {number}: {kind} of {self.cluster.primary()}")
        undo = Cluster.FAULTS[kind](self.cluster)
        time.sleep(LASTS[kind])
        undo()
        undone = time.monotonic()
        self.cluster.wait("every way works again", lambda: self.all_ways_work(undone), 120)
        self.cluster.wait("the cluster is whole again", self.cluster.is_whole, 180)
        self.whole[kind].append(time.monotonic() - began)
        ended = time.monotonic()
        for way in self.load.ways:
            self.waits[kind, way].append(longest_wait(self.load.ended(), way, began, ended))
        self.receipts += self.console.reset()
        self.show_console(number, kind, began)

    def show_console(self, number, kind, began):
        """What the console showed since the fault, as text."""
        for moment, header, said, screen in self.console.screens:
            if moment < began:
                continue
            print(f"  {moment - began:6.1f} s  {header[-60:]:60}  {said[:150]}")
            if self.keep:
                with open(f"{self.keep}/{number:02}-{kind}-{moment - began:05.1f}.txt", "w", encoding="utf-8") as file:
                    file.write(screen + "\n")
        sys.stdout.flush()

    def report(self, kinds):
        print(f"\nLongest time without a change that was done, in seconds: median and worst\n{'':32}"
              + "".join(f"{kind:>16}" for kind in kinds))
        for way in self.load.ways:
            print(f"{way:32}" + "".join(f"{middle_and_worst(self.waits[kind, way]):>16}" for kind in kinds))
        print(f"{'all three servers again':32}" + "".join(f"{middle_and_worst(self.whole[kind]):>16}" for kind in kinds))
        count = self.ledger.count()
        print()
        for name, number in count.items():
            print(f"{name:32}{number:>8}")
        print(f"{'receipts in the console':32}{self.receipts:>8}")
        return any(count[name] for name in (
            "said done, not there", "said not done, there", "done twice", "log and table apart", "log broken"))


def failures(load):
    """What was said of changes that were not done, by how often."""
    words = collections.Counter((change.said, change.words[:160]) for change in load.ended() if change.said != "done")
    for (said, text), number in words.most_common(12):
        print(f"{number:>6} {said:9} {text}")


def main():
    options = arguments()
    kinds = options.only or list(Cluster.FAULTS)
    faults = kinds * options.rounds
    random.Random(options.seed).shuffle(faults)
    say(f"--seed {options.seed}: {', '.join(faults)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    directory = tempfile.mkdtemp(prefix="convonet-cluster-")
    os.chmod(directory, 0o755)
    shutil.chown(directory, "postgres", "postgres")
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
    is_bad = True
    try:
        with Processes(directory) as processes:
            cluster = Cluster(processes, directory, disk=320, fsync="on" if options.fsync else "off")
            cluster.start()
            load = Load(processes, directory, options.programs, options.seed)
            install(cluster, load)
            tokens = make_tokens(cluster, 1500)
            people = cluster.sql("SELECT id FROM users_convonet WHERE voice_pin <> '' AND is_active ORDER BY id LIMIT 300").split()
            console = Console(load, directory)
            rounds = Rounds(cluster, load, console, options.keep)
            load.begin(people, tokens)
            try:
                for number, kind in enumerate(faults, 1):
                    rounds.round(number, kind)
            finally:
                load.end()
                console.end()
            is_bad = rounds.report(kinds)
            print()
            failures(load)
    finally:
        for path in os.listdir(directory) if options.keep else []:
            if path.endswith(".log"):
                shutil.copy(f"{directory}/{path}", options.keep)
        # The small disks are mounted in a namespace of this run alone, and go with it.
        for name in ("n1", "n2", "n3"):
            if os.path.ismount(f"{directory}/{name}"):
                run("umount", "-l", f"{directory}/{name}", check=False)
        shutil.rmtree(directory, ignore_errors=True)
    sys.exit(1 if is_bad else 0)


def wait_for_all(child):
    """As the first process of the namespace: takes in whom nobody else waits for, such as the servers that Patroni detaches."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


if __name__ == "__main__":
    if os.getpid() == 1 and (started := os.fork()):
        wait_for_all(started)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
