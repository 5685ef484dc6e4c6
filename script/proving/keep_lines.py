"""The receiving end of a system log: keep_lines.py SOCKET FILE"""

import os
import socket
import sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
receiver.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
with open(sys.argv[2], "ab", buffering=0) as file:
    while True:
        file.write(receiver.recv(65536).rstrip(b"\0\n") + b"\n")
