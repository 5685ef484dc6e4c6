"""ssh as somebody uses it, without a terminal or on one of 100x30, and what runs on the other side meanwhile."""

import fcntl
import os
import pty
import pwd
import re
import select
import signal
import struct
import subprocess
import termios
import time

from host import PORT, Surprise

CONTROL = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])")


def words(host, user, key, *options):
    identity = ["-i", host.path("client", key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"] if key else []
    return ["-F", "none", "-p", str(PORT), "-o", f"UserKnownHostsFile={host.path('client', 'known_hosts')}", "-o", "LogLevel=ERROR",
            *identity, *options, f"{user}@127.0.0.1"]


def ask(host, user, key, *command, options=(), environment=(), input="", program="ssh"):
    """Runs a command on the other side; its exit code and everything that was said."""
    result = subprocess.run(
        [program, *words(host, user, key, *options), *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        input=input, timeout=60, env={"PATH": os.environ["PATH"], "HOME": host.path("client"), **dict(environment)})
    return result.returncode, result.stdout


class Session:
    """ssh on a terminal."""

    def __init__(self, host, user, key, *command, options=(), environment=()):
        arguments = ["ssh", "-tt", *words(host, user, key, *options), *command]
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
            os.execvpe("ssh", arguments, {"PATH": os.environ["PATH"], "HOME": host.path("client"), "TERM": "xterm-256color",
                                          "LANG": "C.UTF-8", **dict(environment)})
        self.output = ""
        self.status = None

    def read(self, seconds):
        """Whether anything came."""
        if not select.select([self.descriptor], [], [], max(0, seconds))[0]:
            return False
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:
            return False
        self.output += data.decode(errors="replace")
        # Where the cursor stands: a terminal answers, and what is typed before it has shown a dialog does not count.
        for _ in range(data.count(b"\x1b[6n")):
            self.send("\x1b[1;1R")
        return bool(data)

    def text(self):
        return CONTROL.sub("", self.output)

    def wait(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.text():
            if not self.read(end - time.monotonic()):
                raise Surprise(f"{text!r} was not shown; there was:\n{self.text()[-1500:]}")
        self.output = ""

    def send(self, keys):
        os.write(self.descriptor, keys.encode())

    def end(self, seconds=20):
        """Reads on until ssh has ended; its exit code."""
        end = time.monotonic() + seconds
        while self.status is None:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                raise Surprise(f"ssh did not end; there was:\n{self.text()[-1500:]}")
        while self.read(0):
            pass
        os.close(self.descriptor)
        return self.status

    def kill(self):
        """Ends ssh without a word to the other side but that the connection is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.end()


def processes(user):
    """What a user's processes are called, by number."""
    uid = pwd.getpwnam(user).pw_uid
    found = {}
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.stat(f"/proc/{entry}").st_uid in (uid, 0):
                with open(f"/proc/{entry}/status", encoding="utf-8", errors="replace") as file:
                    status = file.read()
                if int(re.search(r"\nUid:\s+(\d+)", status)[1]) == uid and "\nState:\tZ" not in status:
                    found[int(entry)] = re.search(r"Name:\s+(.*)", status)[1]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def console_of(user):
    """The number of the one program of ours that a user runs."""
    found = [pid for pid, name in processes(user).items() if name.startswith("convonet-adm")]
    if len(found) != 1:
        raise Surprise(f"{user} runs {processes(user)}, not one of our programs")
    return found[0]


def ticks(pid):
    """CPU time so far, in hundredths of a second; of one that has ended there is none."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    if fields[0] == "Z":
        raise ProcessLookupError(pid)
    return int(fields[11]) + int(fields[12])
