"""A server that may be killed, and is started again."""

import asyncio
import os
import time

import psycopg2

from cluster import LASTING, Cluster


def state(process):
    """Name, state and parent of a process; nothing where there is none."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            head, _, rest = file.read().rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = rest.split()
    return head.partition("(")[2], fields[0], int(fields[1])


class MortalCluster(Cluster):
    def __init__(self, owner, program):
        super().__init__(LASTING, owner, program)
        self.starting = None

    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def processes(self):
        first = self.postmaster()
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [first] + [number for number in numbers if (found := state(number)) and found[2] == first]

    def answers(self):
        try:
            self.connect("people", "postgres").close()
            return True
        except psycopg2.OperationalError:
            return False

    def runs(self):
        try:
            found = state(self.postmaster())
        except (FileNotFoundError, ValueError):
            return False
        return found is not None and found[0].startswith("postgres") and found[1] != "Z"

    async def revive(self, pause):
        """Returns when it answers; starts it where it does not run any more, after a pause."""
        await asyncio.sleep(pause)
        end = time.monotonic() + 60
        while not await asyncio.to_thread(self.answers):
            if time.monotonic() > end:
                raise SystemExit(f"{self.owner}: the server does not come back")
            if self.runs():
                await asyncio.sleep(0.02)
                continue
            try:
                await asyncio.to_thread(self.start)
            except SystemExit:
                # Processes of the one before are still ending.
                await asyncio.sleep(0.1)
