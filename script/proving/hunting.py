"""Where secrets are looked for: memory, argument lists and files, in every way that bytes are written down."""

import base64
import mmap
import os
import re
import threading
import time
import urllib.parse

SKIPPED = ("[vvar]", "[vsyscall]", "[vdso]")


class Secret:
    """One secret, found in any of these spellings. Of digits alone a hit must stand by itself, for numbers are everywhere."""

    def __init__(self, text):
        self.text = text
        raw = text.encode()
        self.spellings = {raw, " ".join(text).encode()}
        self.number = None
        if text.isdigit():
            self.number = re.compile(rb"(?<![0-9.])" + rb" *".join(digit.encode() for digit in text) + rb"(?![0-9])")
        if not self.number:
            self.spellings |= {raw.hex().encode(), raw.hex().upper().encode(), text.encode("utf-16-le"),
                               urllib.parse.quote(text).encode(), b" ".join(str(byte).encode() for byte in raw)}
            # Base64 of it, wherever in a longer text it begins; without the ends, which depend on what stands beside it.
            for offset in range(3):
                self.spellings.add(base64.b64encode(b"\0" * offset + raw)[4 if offset else 0:-4])

    def hits(self, data):
        found = (at for spelling in self.spellings for at in places(data, spelling))
        return sum(self.number is None or self.stands_alone(data, at) for at in found)

    def stands_alone(self, data, at):
        return self.number.search(data[max(0, at - 1):at + 20]) is not None


def places(data, spelling):
    at = data.find(spelling)
    while at >= 0:
        yield at
        at = data.find(spelling, at + 1)


class Sampler:
    """Keeps every argument list and environment of any process that is seen while it runs."""

    def __init__(self):
        self.seen, self.ends, self.rounds = set(), False, 0
        self.thread = threading.Thread(target=self.sample, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        self.thread.join()

    def sample(self):
        while not self.ends:
            for process in os.listdir("/proc"):
                if process.isdigit():
                    for part in ("cmdline", "environ", "comm"):
                        self.seen.add(read(f"/proc/{process}/{part}"))
            self.rounds += 1
            time.sleep(0.02)

    def hits(self, secret):
        return secret.hits(b"\0".join(self.seen))


class Memory:
    """All of a process's memory, locked (cannot be swapped out) and not."""

    def __init__(self, process):
        self.locked, self.unlocked = [], []
        with open(f"/proc/{process}/smaps", encoding="utf-8") as file:
            regions = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) .*?(\S*)\n(?:[A-Z].*\n)*?VmFlags: (.*)$", file.read(), re.M)
        with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
            for first, end, rights, name, flags in regions:
                if rights[0] == "r" and name not in SKIPPED:
                    data = self.region(memory, int(first, 16), int(end, 16))
                    (self.locked if " lo " in f" {flags} " else self.unlocked).append(data)

    @staticmethod
    def region(memory, first, end):
        data = bytearray()
        while first < end:
            try:
                memory.seek(first)
                part = memory.read(min(end - first, 1 << 24))
            except (OSError, ValueError, OverflowError):
                break
            if not part:
                break
            data += part
            first += len(part)
        return bytes(data)

    def hits(self, secret):
        """In locked memory, and in memory that can be swapped out."""
        return tuple(sum(secret.hits(data) for data in part) for part in (self.locked, self.unlocked))


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def mapped(path):
    """What is in a file, however long it is."""
    try:
        with open(path, "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return b""


def files(directory, leave_out=(), since=0):
    """What is in the regular files of a directory and below it, but for other PostgreSQL servers'."""
    for place, below, names in os.walk(directory):
        if "PG_VERSION" in names and place != directory:
            below[:] = []
            continue
        below[:] = [name for name in below if os.path.join(place, name) not in leave_out]
        for name in names:
            path = os.path.join(place, name)
            try:
                state = os.lstat(path)
            except OSError:
                continue
            if path not in leave_out and os.path.isfile(path) and not os.path.islink(path) and state.st_mtime >= since:
                yield path, mapped(path)
