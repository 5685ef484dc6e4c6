"""What goes on all the time: resets by command line, an open console, and two instances of self-service."""

import base64
import hashlib
import http.client
import json
import os
import random
import re
import subprocess
import threading
import time
import uuid

from processes import run
from servers import HAPROXY_PORT, HUB, NODES, PGBOUNCER_PORT

KEY = "k" * 32
HOSTS = ",".join(NODES.values())
PLACES = {
    "three hosts": f"host={HOSTS} connect_timeout=3", "HAProxy": f"host={HUB} port={HAPROXY_PORT}",
    "PgBouncer": f"host={HUB} port={PGBOUNCER_PORT}",
}


class Change:
    """One change that was asked for, and what was said of it."""

    def __init__(self, way, request, account):
        self.way, self.request, self.account = way, request, account
        self.began, self.ended, self.said, self.secret, self.words = time.monotonic(), None, None, None, ""

    def end(self, said, words="", secret=None):
        self.ended, self.said, self.words, self.secret = time.monotonic(), said, words, secret


class Load:
    """Everything that asks for changes; `changes` is what it was told of them."""

    def __init__(self, processes, directory, programs, seed):
        self.processes, self.directory, self.programs = processes, directory, programs
        self.random = random.Random(seed)
        self.changes, self.lock, self.ending = [], threading.Lock(), threading.Event()
        self.threads, self.ways = [], []
        with open(f"{directory}/config.toml", "w", encoding="utf-8") as file:
            file.write("[database]\nallow_unencrypted = true\n\n[self_service]\nport = 0\npublic_url = \"http://127.0.0.1/\"\n"
                       "mail_from = \"a@example.org\"\nsendmail = [\"/bin/true\"]\n")

    def environment(self, user, place):
        return {"PATH": os.environ["PATH"], "HOME": self.directory, "LANG": "C.UTF-8", "TERM": "screen-256color",
                "JWT_SECRET_KEY": KEY, "CONVONET_DB_URI": f"{PLACES[place]} user={user} dbname=convonet sslmode=disable"}

    def admin(self, *arguments, user="desk", place="three hosts"):
        words = [f"{self.programs}/convonet-admin", *arguments, "--config", f"{self.directory}/config.toml"]
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=self.environment(user, place))

    def begin(self, people, tokens):
        """`people` are ids for the command line, `tokens` pairs of an id and the token of a link, each used once."""
        shares = [people[index::len(PLACES)] for index in range(len(PLACES))]
        for place, share in zip(PLACES, shares):
            self.go(f"command, {place}", self.command, place, share)
        for number, place in enumerate(("three hosts", "PgBouncer")):
            port = self.start_service(number, place)
            self.go(f"self-service, {place}", self.service, port, tokens[number::2])

    def go(self, way, body, *arguments):
        self.ways.append(way)
        thread = threading.Thread(target=body, args=(way, *arguments), daemon=True)
        thread.start()
        self.threads.append(thread)

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(60)

    def note(self, change):
        with self.lock:
            self.changes.append(change)

    def ended(self):
        with self.lock:
            return list(self.changes)

    def command(self, way, place, people):
        """One reset after another; what is not known is asked again under its id, as the program says."""
        while not self.ending.is_set():
            request, account = str(uuid.UUID(int=self.random.getrandbits(128), version=4)), self.random.choice(people)
            for _ in range(4):
                change = Change(way, request, account)
                result = self.admin("reset-pin", account, "--generate", "--yes", "--json", "--request-id", request, place=place)
                said = {0: "done", 74: "unknown"}.get(result.returncode, "not done")
                answer = json.loads(result.stdout) if result.stdout.strip() else {}
                if answer.get("outcome") == "done":
                    said = "done"
                change.end(said, result.stderr.strip() or answer.get("message", ""), answer.get("pin"))
                self.note(change)
                if said != "unknown" or self.ending.is_set():
                    break
            self.ending.wait(0.1 if said == "done" else 0.3)

    def start_service(self, number, place):
        name = f"self-service-{number}"
        self.processes.start(
            name, [f"{self.programs}/convonet-self-service", "--config", f"{self.directory}/config.toml"],
            self.environment("web", place))
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with open(f"{self.directory}/{name}.log", encoding="utf-8") as log:
                for line in log:
                    if '"listening"' in line:
                        return int(json.loads(line)["port"])
            time.sleep(0.1)
        raise SystemExit(f"test-cluster: {name} does not listen; --keep DIRECTORY keeps its log")

    def service(self, way, port, tokens):
        for account, token in tokens:
            if self.ending.is_set():
                return
            change = Change(way, None, account)
            change.end(*self.post(port, token))
            self.note(change)
            self.ending.wait(0.3)

    def post(self, port, token):
        body = json.dumps({"password": "a new word " + hashlib.sha256(token.encode()).hexdigest()[:12]})
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            connection.request("POST", "/auth/reset-password", body, headers)
            answer = connection.getresponse()
            words = answer.read().decode()
        except OSError as error:
            return "unknown", f"no answer: {error}"
        finally:
            connection.close()
        said = {200: "done", 202: "done", 504: "unknown"}.get(answer.status, "not done")
        return said, f"{answer.status} {words}"


def make_tokens(cluster, count):
    """Ids of people, each with the token of a link that was sent to them."""
    tokens = [base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=") for _ in range(count)]
    hashes = ",".join("'\\x" + hashlib.sha256(token.encode()).hexdigest() + "'" for token in tokens)
    rows = cluster.sql(f"""
        WITH made AS (INSERT INTO convonet_admin.reset_token
            (account_id, address, requested_by, db_user, password_fingerprint, created_at, token_hash, expires_at)
        SELECT u.id, u.email, 'self', 'web', convonet_admin.password_fingerprint(u.password_hash), now(), h.hash,
               now() + interval '3 hours'
        FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS n FROM users_convonet
              WHERE is_active AND password_hash LIKE '$2%') u
        JOIN unnest(ARRAY[{hashes}]::bytea[]) WITH ORDINALITY AS h (hash, n) USING (n)
        RETURNING account_id, encode(token_hash, 'hex'))
        SELECT * FROM made""")
    by_hash = {hashlib.sha256(token.encode()).hexdigest(): token for token in tokens}
    return [(row.split("|")[0], by_hash[row.split("|")[1]]) for row in rows.split()]


class Console:
    """An open console in tmux, looked at all the time."""

    def __init__(self, load, directory):
        self.socket, self.directory = f"{directory}/tmux", directory
        self.screens, self.last = [], None
        words = ["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "30", "-s", "console",
                 f"{load.programs}/convonet-admin console --config {directory}/config.toml"]
        run(*words, env=load.environment("desk", "three hosts"))
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def screen(self):
        return run("tmux", "-S", self.socket, "capture-pane", "-p", "-t", "console", check=False)

    def watch(self):
        while not self.ending.is_set():
            lines = self.screen().rstrip("\n").split("\n")
            # The header's right side, and what is said above the keys.
            header = re.sub(r"^.*›\s*\S+\s*", "", lines[0]) if lines else ""
            said = " ".join(line.strip() for line in lines[-4:-1] if "@" not in line).strip()
            if (header, said) != self.last and len(lines) > 5:
                self.last = (header, said)
                self.screens.append((time.monotonic(), header.strip(), said, "\n".join(lines)))
            self.ending.wait(0.25)

    def keys(self, *keys):
        for key in keys:
            run("tmux", "-S", self.socket, "send-keys", "-t", "console", key)
            time.sleep(0.3)

    def reset(self):
        """A reset by keys; whether its receipt came."""
        self.keys("Escape", "v", "Enter", "y", "e", "s", "Enter")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if "eceipt" in self.screen():
                self.keys("Escape", "Escape")
                return True
            time.sleep(0.2)
        self.keys("Escape", "Escape")
        return False

    def end(self):
        self.ending.set()
        self.thread.join(5)
        run("tmux", "-S", self.socket, "kill-server", check=False)
