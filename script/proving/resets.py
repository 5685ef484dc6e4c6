"""One reset by the command line, repeated as an operator would until it is known what became of it, and what is true of it."""

import asyncio
import json
import random
import string
import time
import uuid

import bcrypt
import psycopg2

from blows import Blow, Trap
from proxy import serve

DONE, NOTHING, UNKNOWN, SILENT = "done", "nothing", "unknown", "no word"
# Exit codes that say that nothing was changed, by the outcome that goes with them.
UNCHANGED = {"refused": {65}, "conflict": {75}, "failed": {65, 67, 69, 71, 75, 77, 78}, None: {69, 75}}
# And how often each is drawn, in a hundred.
WAYS = {"password typed": 35, "password generated": 20, "PIN typed": 20, "PIN issued": 20, "PIN cleared": 5}
PATIENCE = 120


class Plan:
    """Everything about one reset that chance decides."""

    def __init__(self, seed, number, people):
        chance = random.Random(f"{seed}/{number}")
        self.number = number
        self.way = chance.choices(list(WAYS), WAYS.values())[0]
        self.person = chance.choice(people)
        self.request = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        self.password = "".join(chance.choices(string.ascii_letters + string.digits, k=18))
        self.pin = "".join(chance.choices(string.digits, k=6))
        self.blows = [Blow(chance)]
        while len(self.blows) < 4 and chance.random() < 0.25:
            self.blows.append(Blow(chance))
        # Whether the operator repeats at once, while the first call may still be running; and also what is known to be done.
        self.hurries = chance.random() < 0.5
        self.doubts = chance.random() < 0.25

    @property
    def is_of_pin(self):
        return self.way.startswith("PIN")

    def command(self):
        name = "reset-pin" if self.is_of_pin else "reset-password"
        option = {"typed": "--stdin", "cleared": "--clear"}.get(self.way.split()[1], "--generate")
        return [name, self.person, option, "--yes", "--json", "--request-id", self.request]

    def typed(self):
        return {"password typed": self.password, "PIN typed": self.pin}.get(self.way)


class Told:
    """What the operator was told by one call."""

    def __init__(self, status, output, errors):
        self.status, self.errors = status, errors
        try:
            self.object = json.loads(output)
        except ValueError:
            self.object = {}
        self.outcome = self.object.get("outcome")
        self.is_replayed = self.object.get("replayed") is True
        self.secret = self.object.get("password") or self.object.get("pin")

    @property
    def meaning(self):
        if self.outcome == "done":
            return DONE
        if self.status in UNCHANGED.get(self.outcome, ()):
            return NOTHING
        return SILENT if self.status < 0 and self.outcome is None else UNKNOWN

    @property
    def contradicts_itself(self):
        """Whether exit code and object say different things."""
        if self.status < 0:
            return False
        return self.status not in {"done": {0, 74}, "unknown": {74}, None: {69, 74, 75}}.get(
            self.outcome, UNCHANGED.get(self.outcome, set()))

    def __str__(self):
        return f"exit {self.status}, {json.dumps(self.object)}, {self.errors.strip()[-300:]!r}"


class Truth:
    """What the database has: the person's row, and the events of the request."""

    def __init__(self, row, events):
        self.hash, self.pin, self.committed = row
        self.events = [event for event in events if event["outcome"] == "done"]

    @property
    def secrets(self):
        return self.hash, self.pin


class Bench:
    """A server of its own with people, on which resets run one after another."""

    def __init__(self, cluster, seed, usual):
        self.cluster, self.seed, self.usual = cluster, seed, usual
        self.people = [i for i, in cluster.sql(
            "SELECT id::text FROM users_convonet WHERE password_hash LIKE '$2%' AND is_active ORDER BY email LIMIT 200", "people")]
        self.connection = None

    def query(self, text, *values):
        """Patiently: the server may only be about to notice that a process of its own was killed, and start anew."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.connection = self.connection or self.cluster.connect("people", "postgres")
                with self.connection.cursor() as cursor:
                    cursor.execute(text, values)
                    return cursor.fetchall()
            except psycopg2.Error as error:
                if isinstance(error, psycopg2.errors.SyntaxErrorOrAccessRuleViolation) or time.monotonic() > end:
                    raise
                self.connection = None
                time.sleep(0.02)

    def truth(self, plan):
        row, = self.query(
            "SELECT password_hash, voice_pin, pg_xact_commit_timestamp(xmin)::text FROM users_convonet WHERE id = %s", plan.person)
        events = self.query(
            "SELECT json_build_object('outcome', outcome, 'sequence', sequence, 'event_id', event_id, 'account', account_id,"
            " 'action', action, 'committed', pg_xact_commit_timestamp(xmin)::text) FROM convonet_admin.audit_event"
            " WHERE request_id = %s", plan.request)
        return Truth(row, [event for event, in events])

    async def settle(self):
        """Until no session of the operator's is left that could still do something."""
        end = time.monotonic() + PATIENCE
        while self.query("SELECT 1 FROM pg_stat_activity WHERE usename = 'desk'"):
            if time.monotonic() > end:
                raise TimeoutError("a session of the operator's does not end")
            await asyncio.sleep(0.01)

    async def call(self, plan, blow=None):
        """One call of the program; what it told, and whether the blow was dealt. The server runs again behind it."""
        trap = Trap(self.cluster, plan.request, blow, self.usual.get(plan.way))
        line = await serve(0, self.cluster.port, watch=trap)
        port = line.sockets[0].getsockname()[1]
        pipe = asyncio.subprocess.PIPE
        begin = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            self.cluster.binary, *plan.command(), env=self.cluster.environment("people", port, "desk"), stdin=pipe, stdout=pipe,
            stderr=pipe)
        trap.started(process.pid)
        restart = asyncio.create_task(self.restarting(trap))
        try:
            typed = plan.typed()
            output, errors = await asyncio.wait_for(process.communicate(typed and f"{typed}\n".encode()), PATIENCE)
        finally:
            if process.returncode is None:
                process.kill()
            trap.ended()
            restart.cancel()
            line.close()
            for connection in trap.open:
                connection.cut()
        trap.seconds = time.monotonic() - begin
        await self.cluster.revive(0)
        return Told(process.returncode, output, errors.decode(errors="replace")), trap

    async def restarting(self, trap):
        """Starts the server again while the program may still be trying."""
        while not trap.is_dealt:
            await asyncio.sleep(0.005)
        if trap.blow.is_of_server:
            await self.cluster.revive(trap.blow.restart)


class Call:
    """One call: what it told, the blow that was planned, whether that was dealt, and whether this call made the change."""

    def __init__(self, told, blow, is_dealt):
        self.told, self.blow, self.is_dealt = told, blow, is_dealt
        self.did = False


class Reset:
    """A reset with all its calls, and what was found wrong."""

    def __init__(self, bench, plan):
        self.bench, self.plan = bench, plan
        self.calls, self.faults = [], []
        self.ended = None

    async def run(self):
        self.before = self.bench.truth(self.plan)
        known, asked_again = 0, False
        for turn in range(8):
            blow = self.plan.blows[turn] if turn < len(self.plan.blows) else None
            told, trap = await self.bench.call(self.plan, blow)
            self.calls.append(call := Call(told, blow, trap.is_dealt))
            self.check_words(told)
            if told.meaning in (UNKNOWN, SILENT) and self.plan.hurries and blow:
                known = None
                continue
            await self.bench.settle()
            truth = self.bench.truth(self.plan)
            self.check_truth(truth)
            self.check_told(told, truth, known)
            call.did = known is not None and len(truth.events) > known
            known = len(truth.events)
            if told.meaning == DONE and (asked_again or not self.plan.doubts) or told.status == 65:
                break
            asked_again = asked_again or told.meaning == DONE
        self.ended = told.meaning
        if self.ended in (UNKNOWN, SILENT) or (self.ended == NOTHING and told.status != 65):
            self.fault("stuck", f"nothing was in the way, and yet: {told}")
        return self

    def fault(self, kind, words):
        self.faults.append((kind, words))

    def check_words(self, told):
        if told.contradicts_itself or told.status in (70, 64):
            self.fault("lie", f"exit code and object do not fit: {told}")

    def check_truth(self, truth):
        """What must be so, whatever was told: a row is written with its event, and once."""
        if len(truth.events) > 1:
            self.fault("double", f"{len(truth.events)} events of request {self.plan.request}")
        elif not truth.events:
            if (truth.secrets, truth.committed) != (self.before.secrets, self.before.committed):
                self.fault("lie", "the row was written without an event")
        elif truth.committed != truth.events[0]["committed"]:
            self.fault("double", "the row was not written last by what wrote the event")
        elif wrong := self.wrong_value(truth):
            self.fault("lie", wrong)

    def wrong_value(self, truth):
        event, (password, pin), plan = truth.events[0], truth.secrets, self.plan
        other_before, other_now = (self.before.hash, password) if plan.is_of_pin else (self.before.pin, pin)
        if other_before != other_now:
            return "what was not to be reset was"
        if event["account"] != plan.person:
            return "the event is about somebody else"
        if plan.way == "password typed" and not fits(plan.password, password):
            return "the password in the row is not what was typed"
        if plan.way == "password generated" and password == self.before.hash:
            return "the password in the row is still the one from before"
        if plan.way == "PIN typed" and pin != plan.pin:
            return "the PIN in the row is not what was typed"
        if plan.way == "PIN cleared" and pin is not None:
            return "the PIN is still there"
        if plan.way == "PIN issued" and (pin is None or len(pin) != 6):
            return "there is no issued PIN"
        return None

    def check_told(self, told, truth, known):
        """What was told beside what is; `known` is how many events there were when the call began, where that is known."""
        if told.meaning == DONE:
            self.check_done(told, truth)
        elif told.meaning == NOTHING and known is not None and len(truth.events) != known:
            self.fault("lie", f"it was told that nothing changed, and something did: {told}")

    def check_done(self, told, truth):
        if not truth.events:
            self.fault("lie", f"it was told as done, and the log has no event: {told}")
            return
        event = truth.events[0]
        if (told.object["sequence"], told.object["event_id"]) != (event["sequence"], event["event_id"]):
            self.fault("lie", f"the receipt is another than the log's: {told}, {event}")
        password, pin = truth.secrets
        if told.secret and not (told.secret == pin if self.plan.is_of_pin else fits(told.secret, password)):
            self.fault("lie", "the secret that was shown is not the one in the row")
        if self.plan.way in ("password generated", "PIN issued") and not told.secret and not told.is_replayed:
            self.fault("lie", f"it was done by this call, and the new value was not shown: {told}")
        if told.is_replayed and told.secret and self.plan.way == "PIN issued":
            self.fault("lie", "an issued PIN was shown a second time")


def fits(password, stored):
    return bcrypt.checkpw(password.encode(), stored.encode())
