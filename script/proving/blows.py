"""What is killed or cut while a reset runs, and when: drawn from a seed, dealt through a proxy that sees every byte."""

import asyncio
import os
import signal
import struct
import time
import uuid

from proxy import DOWN, UP, Watch

# How often each is drawn, in a hundred.
KINDS = {
    "client killed": 30, "backend ended": 15, "backend killed": 10, "postmaster killed": 7, "all of server killed": 8,
    "line closed": 14, "line reset": 14, "line silent": 2,
}
# When: at a moment, at a byte, behind a piece of what passes, or from the call of the change on.
WHEN = {"moment": 25, "byte": 25, "piece": 20, "call": 30}
MOMENT, BYTE, PIECE, CALL = WHEN
# What the server says its process is: K, twelve bytes, then the number.
BACKEND_KEY = b"K\x00\x00\x00\x0c"


class Blow:
    """One kill or cut, at a share of what an undisturbed reset takes, or some milliseconds after its call was sent."""

    def __init__(self, chance):
        self.kind = chance.choices(list(KINDS), KINDS.values())[0]
        self.when = chance.choices(list(WHEN), WHEN.values())[0]
        self.share = chance.random()
        self.delay = chance.random() * 0.04
        # Seconds until the server is started again; and for which a line that was cut takes no new connection.
        self.restart = chance.random()
        self.away = chance.choices([0, chance.random() * 3, 60], [72, 22, 6])[0]

    @property
    def is_of_line(self):
        return self.kind.startswith("line")

    @property
    def is_of_server(self):
        return self.kind in ("backend killed", "postmaster killed", "all of server killed")

    def __str__(self):
        if self.when == CALL:
            return f"{self.kind} {self.delay * 1000:.1f} ms after the call"
        return f"{self.kind} at {self.share:.4f} of its {self.when}s"


class Usual:
    """What an undisturbed reset takes: seconds, bytes and pieces of both directions."""

    def __init__(self, seconds=1, size=1, pieces=1):
        self.seconds, self.size, self.pieces = seconds, size, pieces


class Trap(Watch):
    """Deals a blow to whoever is connected through the proxy; without a blow it only counts."""

    def __init__(self, cluster, request, blow=None, usual=Usual()):
        self.cluster, self.request, self.blow, self.usual = cluster, uuid.UUID(request).bytes, blow, usual
        self.size = self.pieces = 0
        self.client = None
        self.open, self.muted, self.backends, self.beginnings = [], set(), {}, {}
        self.is_dealt = self.waits_for_backend = False
        self.refuses_until = 0
        self.timer = None

    def started(self, client):
        """The program runs, as this process."""
        self.client = client
        if self.blow and self.blow.when == MOMENT:
            self.timer = asyncio.get_running_loop().call_later(self.blow.share * self.usual.seconds, self.deal)

    def ended(self):
        if self.timer:
            self.timer.cancel()

    def opened(self, connection):
        if time.monotonic() < self.refuses_until:
            return False
        self.open.append(connection)
        return True

    def passing(self, connection, way, data):
        if connection in self.muted:
            return b""
        if way == DOWN:
            self.look_for_backend(connection, data)
        before, self.size, self.pieces = self.size, self.size + len(data), self.pieces + 1
        if self.is_dealt or not self.blow or self.timer:
            return data
        if self.blow.when == BYTE and (at := int(self.blow.share * self.usual.size)) < self.size:
            # What is before that byte still arrives.
            self.muted.add(connection)
            self.timer = asyncio.get_running_loop().call_soon(self.deal)
            return data[:at - before]
        if self.blow.when == CALL and way == UP and self.request in data:
            self.timer = asyncio.get_running_loop().call_later(self.blow.delay, self.deal)
        if self.blow.when == PIECE and self.pieces > int(self.blow.share * self.usual.pieces):
            self.timer = asyncio.get_running_loop().call_later(self.blow.delay, self.deal)
        return data

    def look_for_backend(self, connection, data):
        if connection in self.backends:
            return
        seen = self.beginnings.get(connection, b"") + data
        self.beginnings[connection] = seen[-8192:]
        at = seen.find(BACKEND_KEY)
        if at >= 0 and len(seen) >= at + 9:
            self.backends[connection] = struct.unpack(">i", seen[at + 5:at + 9])[0]
            if self.waits_for_backend:
                self.deal()

    def deal(self):
        if self.is_dealt:
            return
        kind = self.blow.kind
        if kind.startswith("backend") and not self.backends:
            self.waits_for_backend = True
            return
        self.is_dealt = True
        if kind == "client killed":
            strike(self.client, signal.SIGKILL)
        elif kind.startswith("backend"):
            strike(list(self.backends.values())[-1], signal.SIGTERM if kind == "backend ended" else signal.SIGKILL)
        elif kind == "postmaster killed":
            strike(self.cluster.postmaster(), signal.SIGKILL)
        elif kind == "all of server killed":
            for process in self.cluster.processes():
                strike(process, signal.SIGKILL)
        else:
            self.cut()

    def cut(self):
        self.refuses_until = time.monotonic() + self.blow.away
        self.muted.update(self.open)
        if self.blow.kind != "line silent":
            for connection in self.open:
                connection.cut(resets=self.blow.kind == "line reset")


def strike(process, number):
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass
