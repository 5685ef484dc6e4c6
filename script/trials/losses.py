"""Lines that are lost and programs that are ended, in the middle of a reset: log and row must agree, and nothing be left."""

import os
import signal
import subprocess
import threading
import time

from client import Session, console_of, processes, ticks
from host import AS_SERVER, DESK, Surprise, run, tool
from sign_ins import gone, somebody


class HeldRow:
    """Somebody else's lock on a person, at which a reset waits until it is let go."""

    def __init__(self, host, email):
        self.host, self.email = host, email

    def __enter__(self):
        self.psql = subprocess.Popen(
            [*AS_SERVER, tool("psql"), "-X", "-q", "-h", self.host.path("socket"), "-U", "postgres", "-d", "convonet"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd="/")
        self.psql.stdin.write(f"BEGIN; SELECT 1 FROM users_convonet WHERE email = '{self.email}' FOR UPDATE;\n")
        self.psql.stdin.flush()
        self.host.wait(lambda: self.host.sql(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%FOR UPDATE%'") == "1", "a lock")
        return self

    def waiting(self):
        return self.host.sql(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{DESK}' AND wait_event_type = 'Lock'") != "0"

    def wait(self):
        """Until a reset waits for it."""
        self.host.wait(self.waiting, "a reset waits for the row")

    def let_go(self):
        self.psql.stdin.close()
        self.psql.wait()

    def __exit__(self, *_):
        self.let_go()


def state(host, email):
    """The PIN, and how many resets of it the log has by outcome."""
    return (host.sql(f"SELECT voice_pin FROM users_convonet WHERE email = '{email}'"),
            int(host.sql("SELECT count(*) FROM convonet_admin.audit_event WHERE action = 'issue_voice_pin' AND outcome = 'done' "
                         f"AND account_email = '{email}'")))


def agree(host, email, before):
    """What became of a reset; row and log must say the same."""
    after = state(host, email)
    changed, logged = after[0] != before[0], after[1] - before[1]
    if (changed, logged) not in ((True, 1), (False, 0)):
        raise Surprise(f"the PIN {'changed' if changed else 'is as it was'}, and the log has {logged} more done")
    run(host.bin, "audit", "verify", env={"CONVONET_DB_URI": host.address(), "PATH": os.environ["PATH"]}, user=DESK, cwd="/")
    return "reset, and in the log" if changed else "not reset, and no `done` in the log"


def begin_command(host, email):
    return Session(host, DESK, "desk", f"reset-pin {email} --generate --yes")


def begin_console(host, email):
    session = Session(host, DESK, "desk")
    session.wait("q quit")
    session.send("/" + email + "\r")
    session.wait("Recent activity")
    session.send("v")
    session.wait("Type yes")
    for keys in ("1\r", "yes\r"):
        while session.read(0.3):
            pass
        session.send(keys)
    return session


def lost(host, begin, lose, number, goes_on=False):
    """One reset of which `lose` takes the line or the program away while it waits for a row, or as it goes on."""
    email = somebody(host, number)
    before = state(host, email)
    with HeldRow(host, email) as row:
        session = begin(host, email)
        try:
            row.wait()
        except Surprise as surprise:
            session.read(1)
            raise Surprise(f"{surprise}; there was:\n{session.text()[-1500:]}") from surprise
        pid = console_of(DESK)
        spent = ticks(pid)
        watch = Watch(pid, spent)
        if goes_on:
            row.let_go()
            host.wait(lambda: not row.waiting(), "the reset goes on")
        ended = lose(host, session, pid)
    gone(host, DESK)
    # The server goes on with what it was sent until it is done.
    host.wait(lambda: host.sql(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{DESK}'") == "0", "the server is done")
    outcome = agree(host, email, before)
    return f"{outcome}{ended}; no process left; {watch.used() * 10} ms of CPU time from then to its end"


class Watch:
    """The CPU time that a process uses until it has ended, read again and again."""

    def __init__(self, pid, before):
        self.pid, self.before, self.last = pid, before, before
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        try:
            while True:
                self.last = ticks(self.pid)
                time.sleep(0.02)
        except (FileNotFoundError, ProcessLookupError):
            pass

    def used(self):
        self.thread.join(20)
        used = self.last - self.before
        if self.thread.is_alive() or used > 50:
            raise Surprise(f"{self.pid} goes on, or used {used} hundredths of a second")
        return used


def kill_ssh(host, session, pid):
    session.kill()
    return ""


def cut_line(host, session, pid):
    """Nothing comes through any more, and nobody is told; sshd notices by ClientAliveInterval."""
    run("ip", "link", "set", "lo", "down")
    try:
        host.wait(lambda: not any(name == "sshd" for name in processes(DESK).values()), "sshd gives the line up", 30)
    finally:
        run("ip", "link", "set", "lo", "up")
    os.kill(session.pid, signal.SIGKILL)
    session.end()
    return ""


def by_signal(number):
    def lose(host, session, pid):
        os.kill(pid, number)
        status = session.end()
        # 255 is what ssh makes of a signal that nothing catches.
        if status not in (128 + number, 255, 0, 74):
            raise Surprise(f"it ended with {status} after {number}")
        return f"; exit code {status}"
    return lose


def nothing_lost(host):
    """Let a reset wait for a row and go on"""
    for number, begin, words in ((20, begin_command, "New voice PIN"), (21, begin_console, "The new voice PIN works now")):
        email = somebody(host, number)
        before = state(host, email)
        with HeldRow(host, email) as row:
            session = begin(host, email)
            row.wait()
        session.wait(words)
        session.kill()
        gone(host, DESK)
        outcome = agree(host, email, before)
        if not outcome.startswith("reset"):
            raise Surprise(f"{words!r} was said, and it is {outcome}")
    return "reset, and in the log; so what is lost below is lost in the middle"


def in_the_middle(host):
    """Lose it in the middle of a reset"""
    number = 0
    for name, begin in (("`reset-pin`", begin_command), ("the console", begin_console)):
        for how, lose in (("`ssh` is killed", kill_ssh), ("the line is cut without a word", cut_line),
                          ("`kill -HUP` of the program", by_signal(signal.SIGHUP)),
                          ("`kill -TERM` of the program", by_signal(signal.SIGTERM))):
            number += 1
            yield f"In the middle of a reset by {name}: {how}", lost(host, begin, lose, number)
        number += 1
        yield f"As a reset by {name} goes through: `ssh` is killed", lost(host, begin, kill_ssh, number, goes_on=True)


def signals(host):
    """`kill -HUP`, `kill -TERM` of a console that waits"""
    for number in (signal.SIGHUP, signal.SIGTERM):
        session = Session(host, DESK, "desk")
        session.wait("q quit")
        os.kill(console_of(DESK), number)
        if session.end() != 128 + number:
            raise Surprise(f"ssh ended with {session.status} after {number}")
        if "\x1b[?1049l" not in session.output:
            raise Surprise("the screen was not given back")
        gone(host, DESK)
    return "the screen is given back; exit codes 129 and 143; no process left"


def hung_up(host):
    """End `ssh` of a console that waits"""
    session = Session(host, DESK, "desk")
    session.wait("q quit")
    watch = Watch(console_of(DESK), ticks(console_of(DESK)))
    session.kill()
    gone(host, DESK)
    return f"no process left; {watch.used() * 10} ms of CPU time to its end"


TRIALS = [nothing_lost, in_the_middle, signals, hung_up]
