"""Server, self-service, terminal and people for the canary: all in one directory, with everything logged that can be."""

import base64
import contextlib
import json
import os
import quopri
import random
import re
import resource
import shutil
import string
import subprocess
import time
import urllib.parse
import urllib.request

from cluster import Cluster
from tmux import Tmux

# Everything that PostgreSQL can be told to write down, from when the people are there.
LOUD = {
    "log_statement": "all", "log_min_duration_statement": "0", "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1", "log_min_error_statement": "debug5", "log_min_messages": "debug1",
    "log_error_verbosity": "verbose", "log_connections": "on", "debug_print_parse": "on", "debug_print_rewritten": "on",
    "debug_print_plan": "on", "auto_explain.log_min_duration": "0", "auto_explain.log_nested_statements": "on",
    "auto_explain.log_verbose": "on", "auto_explain.log_parameter_max_length": "-1", "auto_explain.log_analyze": "on",
    "auto_explain.log_triggers": "on",
}
PEOPLE = "SELECT email FROM users_convonet WHERE password_hash LIKE '$2%' AND is_active AND is_verified ORDER BY email LIMIT 100"


class Stage:
    def __init__(self, options, say):
        self.program, self.service_program = options.program, options.self_service
        self.chance, self.say = random.Random(options.seed), say
        self.cluster = Cluster(("fsync=off", "shared_preload_libraries=auto_explain"), "canary", options.program)
        self.looks = []
        self.cores = {}

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.cluster)
            self.directory = os.path.join(self.cluster.directory, "home")
            os.makedirs(self.directory)
            self.prepare_database()
            stack.callback(self.stop_service)
            self.start_service()
            self.tmux = stack.enter_context(Tmux(self.directory, self.environment()))
            self.closing = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.closing.close()

    def prepare_database(self):
        self.cluster.sql("CREATE ROLE desk LOGIN; CREATE ROLE web LOGIN", "postgres", user="postgres")
        self.cluster.fill("people", 300, "--grant-operator", "desk", "--grant-selfservice", "web")
        # So long a computation can be looked at.
        self.cluster.program("people", "policy", "set", "bcrypt_cost=14", "decoys_per_thousand=0")
        known = {name for name, in self.cluster.sql("SELECT name FROM pg_settings", "postgres", user="postgres")}
        for name, value in LOUD.items():
            if name in known:  # Some are newer than the server.
                self.cluster.sql(f"ALTER SYSTEM SET {name} = '{value}'", "postgres", user="postgres")
        self.cluster.sql("SELECT pg_reload_conf()", "postgres", user="postgres")
        self.people = [email for email, in self.cluster.sql(PEOPLE, "people")]

    def environment(self, user="desk"):
        home = self.directory
        return self.cluster.environment("people", user=user) | {
            "HOME": home, "XDG_STATE_HOME": f"{home}/state", "XDG_CONFIG_HOME": f"{home}/config", "XDG_CACHE_HOME": f"{home}/cache",
            "XDG_RUNTIME_DIR": f"{home}/runtime", "TERM": "tmux-256color"}

    # People and secrets.

    def next_person(self):
        return self.people.pop(0)

    def password(self):
        """Strong, and free of what stands elsewhere."""
        return "Zq" + "".join(self.chance.choices(string.ascii_letters + string.digits, k=20))

    def pin(self):
        """Six digits without a pattern that nobody has."""
        while True:
            pin = "".join(self.chance.choices("123456789", k=6))
            is_plain = len(set(pin)) >= 5 and int(pin[:2]) > 31 and int(pin[2:4]) > 31 and int(pin[4:]) > 31
            if is_plain and not self.cluster.sql(f"SELECT 1 FROM users_convonet WHERE voice_pin = '{pin}'", "people"):
                return pin

    # The program.

    def start(self, *command, allow_core=False):
        def limits():
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return subprocess.Popen(
            [self.program, *command], env=self.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.directory, preexec_fn=limits if allow_core else None)

    def finish(self, process):
        output, errors = process.stdout.read(), process.stderr.read()
        if process.wait():
            raise SystemExit(f"test-canary: {process.args} failed: {errors.decode()}")
        return output.decode()

    def call(self, *command):
        process = self.start(*command)
        process.stdin.close()
        return self.finish(process)

    def wait_for(self, question, what):
        end = time.monotonic() + 60
        while not (answer := question()):
            if time.monotonic() > end:
                raise SystemExit(f"test-canary: {what} did not come")
            time.sleep(0.01)
        return answer

    def wait_for_work(self, process):
        """Until it computes a hash: it has used more of a processor than its start takes."""
        def works():
            with open(f"/proc/{process}/stat", encoding="utf-8") as file:
                return sum(map(int, file.read().rpartition(")")[2].split()[11:13])) > 25
        self.wait_for(works, "the computation")

    def wait_for_call(self):
        self.wait_for(lambda: self.cluster.sql(
            "SELECT 1 FROM pg_stat_activity WHERE usename = 'desk' AND wait_event_type = 'Lock'", "people", "postgres"), "the call")

    @contextlib.contextmanager
    def held(self, person):
        connection = self.cluster.connect("people", "postgres")
        connection.autocommit = False
        cursor = connection.cursor()
        cursor.execute("SELECT 1 FROM users_convonet WHERE email = %s FOR UPDATE", (person,))
        try:
            # To be called within three seconds, after which whoever waits gives up.
            yield connection.rollback
        finally:
            connection.close()

    def look_at_terminal(self):
        """What the terminal still has once the secret is not shown any more."""
        self.looks.append(self.tmux.everything_kept())

    # Core files.

    def core_of(self, process):
        """What gcore makes of a process, as root: it keeps to what the process asked not to be dumped."""
        path = os.path.join(self.cluster.directory, "core")
        subprocess.run(["gcore", "-o", path, str(process)], capture_output=True, check=True)
        with open(f"{path}.{process}", "rb") as file:
            data = file.read()
        os.unlink(f"{path}.{process}")
        return data

    def left_cores(self):
        """What a signal left that makes a core file."""
        found = b""
        for name in os.listdir(self.directory):
            if name.startswith("core"):
                with open(os.path.join(self.directory, name), "rb") as file:
                    found += file.read()
        return found

    # Self-service.

    def start_service(self):
        sendmail = os.path.join(self.cluster.directory, "sendmail")
        self.mail_file = os.path.join(self.cluster.directory, "mails")
        with open(sendmail, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ncat >>{self.mail_file}\necho END-OF-MAIL >>{self.mail_file}\n")
        os.chmod(sendmail, 0o755)
        settings = os.path.join(self.directory, "service.toml")
        with open(settings, "w", encoding="utf-8") as file:
            file.write('[self_service]\nport = 0\npublic_url = "http://127.0.0.1/auth/reset-password"\n'
                       'mail_from = "a@example.org"\n'
                       f'sendmail = ["{sendmail}"]\n')
        self.service_log = os.path.join(self.directory, "service.log")
        with open(self.service_log, "wb") as log:
            self.service = subprocess.Popen(
                [self.service_program, "--config", settings], cwd=self.directory, stderr=log, stdout=log,
                env=self.environment("web") | {"JWT_SECRET_KEY": "k" * 32})
        self.port = self.wait_for(self.listening, "self-service")

    def listening(self):
        with open(self.service_log, encoding="utf-8") as file:
            for line in file:
                if '"listening"' in line:
                    return int(json.loads(line)["port"])
        if self.service.poll() is not None:
            raise SystemExit("test-canary: self-service did not start: " + open(self.service_log, encoding="utf-8").read())
        return None

    def stop_service(self):
        if hasattr(self, "service"):
            self.service.terminate()
            self.service.wait()

    def ask(self, method, path, body=None, form=None, bearer=None):
        data, kind = None, "application/json"
        if form is not None:
            data, kind = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            data = json.dumps(body).encode()
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def mails(self):
        if not os.path.exists(self.mail_file):
            return []
        with open(self.mail_file, encoding="utf-8") as file:
            return file.read().split("END-OF-MAIL\n")[:-1]

    def wait_for_mail(self, before, pattern):
        """What the pattern finds in the first mail after so many."""
        text = readable(self.wait_for(lambda: self.mails()[before:], "the mail")[0])
        found = pattern.search(text)
        if not found:
            raise SystemExit(f"test-canary: the mail has no {pattern.pattern}:\n{text}")
        return found[1]


def readable(mail):
    """The first part of a mail that is text, decoded."""
    part = mail.split("Content-Type: text/plain", 1)[-1]
    headers, _, body = part.partition("\n\n")
    body = re.split(r"\n--", body)[0]
    if "base64" in headers:
        return base64.b64decode(body).decode()
    return quopri.decodestring(body).decode() if "quoted-printable" in headers else body


def missing_programs():
    return [name for name in ("tmux", "gcore") if not shutil.which(name)]
