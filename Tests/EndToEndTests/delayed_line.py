"""Runs a program behind a slow line: every byte, either way, arrives so many seconds after it was sent.

Usage: delayed_line.py SECONDS PROGRAM [ARGUMENT ...]

What the program sends is also written to the file `sent`.
"""

import collections
import fcntl
import os
import pty
import select
import signal
import sys
import termios
import time
import tty

delay = float(sys.argv[1])
found = termios.tcgetattr(0)
child, master = pty.fork()
if child == 0:
    os.execvp(sys.argv[2], sys.argv[2:])


def follow_size(*_):
    fcntl.ioctl(master, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))


follow_size()
signal.signal(signal.SIGWINCH, follow_size)
tty.setraw(0)
sent = open("sent", "wb", buffering=0)
ways = {0: (master, collections.deque()), master: (1, collections.deque())}
open_ends = [0, master]
while master in open_ends or ways[master][1]:
    due = [waiting[0][0] for _, waiting in ways.values() if waiting]
    readable, _, _ = select.select(open_ends, [], [], max(0, min(due) - time.monotonic()) if due else None)
    for end in readable:
        try:
            data = os.read(end, 65536)
        except OSError:
            data = b""
        if end == master:
            sent.write(data)
        if data:
            ways[end][1].append((time.monotonic() + delay, data))
        else:
            open_ends.remove(end)
    for target, waiting in ways.values():
        while waiting and waiting[0][0] <= time.monotonic():
            os.write(target, waiting.popleft()[1])
termios.tcsetattr(0, termios.TCSADRAIN, found)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
