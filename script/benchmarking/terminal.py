"""The console on a pseudo-terminal, of 100x30 unless told, driven by keys and watched byte by byte."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

DOWN, PAGE_DOWN, ENTER, ESCAPE = b"\x1bOB", b"\x1b[6~", b"\r", b"\x1b"
CONTROL = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])")


class Terminal:
    def __init__(self, program, arguments, environment, columns=100):
        self.start = time.perf_counter()
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
            os.execve(program, [program, *arguments], environment)
        self.output = bytearray()
        self.bytes = 0

    def read(self, seconds):
        """What comes next, and when; nothing after `seconds`."""
        ready, _, _ = select.select([self.descriptor], [], [], max(0, seconds))
        if not ready:
            return None
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:
            raise SystemExit("benchmark: the console ended:\n" + self.text().decode(errors="replace")[-2000:])
        self.output += data
        self.bytes += len(data)
        return time.perf_counter()

    def text(self):
        return CONTROL.sub(b"", bytes(self.output))

    def wait(self, text, seconds=30):
        """When the text was on the screen, from what was written since `clear`."""
        end, at = time.perf_counter() + seconds, time.perf_counter()
        while text not in self.text():
            at = self.read(end - time.perf_counter())
            if at is None:
                raise SystemExit(f"benchmark: {text!r} did not come; there was:\n" + self.text().decode(errors="replace")[-2000:])
        return at

    def settle(self, quiet=0.15):
        """When the last byte came before a time of silence."""
        last = None
        while (at := self.read(quiet)) is not None:
            last = at
        return last

    def clear(self):
        self.output.clear()
        self.bytes = 0

    def send(self, keys):
        os.write(self.descriptor, keys)
        return time.perf_counter()

    def resident(self):
        """Most memory so far, in MiB."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read())[1]) / 1024

    def switches(self):
        """How often each of its threads has gone to sleep so far."""
        counts = {}
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/status", encoding="ascii") as file:
                status = file.read()
            name = re.search(r"Name:\s+(.*)", status)[1]
            counts[name, thread] = int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", status)[1])
        return counts

    def close(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
        os.close(self.descriptor)
