"""The ways by which a secret comes into a program or out of it, each done with a secret of its own."""

import json
import re
import signal

from hunting import Memory, Secret

# As the console shows a password of four groups, and a PIN.
GROUPED = re.compile(r"\w \w \w \w(?: - \w \w \w \w){3}")
PIN = re.compile(r"\d \d \d {3}\d \d \d")


class Way:
    """What was done, its secret, and what of the program's memory was seen, while it had the secret and when it was done."""

    def __init__(self, name, text):
        self.name, self.secret = name, Secret(text)
        self.held = self.left = None
        self.cores = b""


class Ways:
    def __init__(self, stage):
        self.stage = stage
        self.done = []

    def add(self, name, text):
        self.done.append(way := Way(name, text))
        return way

    def run_all(self):
        for way in (self.typed_in_console, self.generated_in_console, self.issued_in_console, self.typed_at_prompt,
                    self.piped_password, self.piped_pin, self.generated_password, self.issued_pin, self.piped_into_hash,
                    self.killed_by_abort, self.set_by_link, self.set_by_json, self.pin_by_link, self.code_read_out,
                    self.caller_code):
            self.stage.say(way.__name__.replace("_", " "))
            way()

    # The console.

    def open_person(self):
        tmux, person = self.stage.tmux, self.stage.next_person()
        process = tmux.run(f"{self.stage.program} console")
        tmux.wait("q quit")
        tmux.type("/" + person)
        tmux.keys("Enter")
        tmux.wait("Recent activity")
        return process

    def close_console(self):
        self.stage.tmux.keys("q", "q")
        self.stage.tmux.ended()

    def typed_in_console(self):
        way, tmux = self.add("typed in the console", self.stage.password()), self.stage.tmux
        process = self.open_person()
        tmux.keys("p")
        tmux.wait("Type yes")
        tmux.keys("2")
        tmux.wait("(•) Type")
        tmux.keys("Enter")
        tmux.type(way.secret.text)
        tmux.keys("Enter")
        tmux.type(way.secret.text)
        tmux.keys("Enter")
        tmux.wait("the same")
        way.held = Memory(process)
        way.cores = self.stage.core_of(process)
        tmux.type("yes")
        tmux.keys("Enter")
        tmux.wait("The new password works now")
        self.stage.look_at_terminal()
        tmux.keys("Escape")
        tmux.wait("Recent activity")
        way.left = Memory(process)
        self.close_console()

    def shown_in_console(self, name, key, pattern):
        tmux = self.stage.tmux
        process = self.open_person()
        tmux.keys(key)
        tmux.wait("Type yes")
        tmux.type("yes")
        tmux.keys("Enter")
        tmux.wait("works now")
        way = self.add(name, pattern.search(tmux.screen())[0].replace(" ", ""))
        way.held = Memory(process)
        way.cores = self.stage.core_of(process)
        tmux.keys("Escape", "Escape")
        tmux.wait("Recent activity")
        self.stage.look_at_terminal()
        way.left = Memory(process)
        self.close_console()

    def generated_in_console(self):
        self.shown_in_console("generated in the console", "p", GROUPED)

    def issued_in_console(self):
        self.shown_in_console("PIN issued in the console", "v", PIN)

    # The command line.

    def typed_at_prompt(self):
        way, tmux = self.add("typed at the prompt", self.stage.password()), self.stage.tmux
        process = tmux.run(f"{self.stage.program} reset-password {self.stage.next_person()}")
        for question in ("New password:", "Repeat"):
            tmux.wait(question)
            tmux.type(way.secret.text)
            tmux.keys("Enter")
        tmux.wait("to confirm")
        way.held = Memory(process)
        tmux.type("yes")
        tmux.keys("Enter")
        tmux.ended()
        self.stage.look_at_terminal()

    def piped(self, way, *command, release=lambda: None):
        """Runs it, and looks into its memory while it computes or waits for what is then released."""
        process = self.stage.start(*command)
        process.stdin.write(way.secret.text.encode() + b"\n")
        process.stdin.close()
        if way.secret.text.isdigit():
            self.stage.wait_for_call()
        else:
            self.stage.wait_for_work(process.pid)
        process.send_signal(signal.SIGSTOP)
        way.held = Memory(process.pid)
        release()
        way.cores = self.stage.core_of(process.pid)
        process.send_signal(signal.SIGCONT)
        return self.stage.finish(process)

    def piped_password(self):
        way = self.add("piped password", self.stage.password())
        self.piped(way, "reset-password", self.stage.next_person(), "--stdin", "--yes", "--json")

    def piped_pin(self):
        way, person = self.add("piped PIN", self.stage.pin()), self.stage.next_person()
        # Somebody holds the row, so that the call waits for a moment.
        with self.stage.held(person) as release:
            self.piped(way, "reset-pin", person, "--stdin", "--yes", "--json", release=release)

    def generated_password(self):
        told = self.stage.call("reset-password", self.stage.next_person(), "--generate", "--yes", "--json")
        self.add("generated password", json.loads(told)["password"])

    def issued_pin(self):
        told = self.stage.call("reset-pin", self.stage.next_person(), "--generate", "--yes", "--json")
        self.add("issued PIN", json.loads(told)["pin"])

    def piped_into_hash(self):
        self.piped(self.add("piped into hash", self.stage.password()), "hash", "--stdin", "--cost", "14")

    def killed_by_abort(self):
        """With core files allowed, where the program is not asked."""
        way = self.add("killed by SIGABRT", self.stage.password())
        process = self.stage.start("hash", "--stdin", "--cost", "14", allow_core=True)
        process.stdin.write(way.secret.text.encode())
        process.stdin.close()
        self.stage.wait_for_work(process.pid)
        process.send_signal(signal.SIGABRT)
        process.wait()
        way.cores = self.stage.left_cores()

    # Self-service.

    def service_memory(self, way):
        way.left = Memory(self.stage.service.pid)

    def link(self, *options):
        person = self.stage.next_person()
        before = len(self.stage.mails())
        self.stage.call("send-reset-link", person, *options, "--yes")
        return self.stage.wait_for_mail(before, re.compile(r"token=([A-Za-z0-9_-]{30,})"))

    def set_by_link(self):
        token = self.link()
        self.add("link's token", token)
        way = self.add("password in a form", self.stage.password())
        self.stage.ask("GET", f"/auth/reset-password?token={token}")
        self.stage.ask("POST", "/auth/reset-password", form={"token": token, "password": way.secret.text, "again": way.secret.text})
        self.service_memory(way)

    def set_by_json(self):
        token = self.link()
        way = self.add("password in JSON", self.stage.password())
        self.stage.ask("POST", "/auth/reset-password", body={"password": way.secret.text}, bearer=token)
        self.service_memory(way)

    def pin_by_link(self):
        token = self.link("--pin")
        told = self.stage.ask("POST", "/auth/reset-password/pin", body={"token": token})
        self.service_memory(self.add("PIN by link", json.loads(told)["voice_pin"]))

    def code_read_out(self):
        person = self.stage.next_person()
        code = json.loads(self.stage.call("reset-password", person, "--code", "--yes", "--json"))["code"]
        way = self.add("code read out", code)
        self.stage.ask("POST", "/auth/reset-password/code", body={"login": person, "code": code})
        self.service_memory(way)

    def caller_code(self):
        person = self.stage.next_person()
        before = len(self.stage.mails())
        process = self.stage.start("verify-caller", person, "--json")
        code = self.stage.wait_for_mail(before, re.compile(r"\b(\d{6}|\d{3} \d{3})\b"))
        way = self.add("caller's code", code.replace(" ", ""))
        process.stdin.write(code.encode() + b"\n")
        process.stdin.close()
        self.stage.finish(process)
        self.service_memory(way)
