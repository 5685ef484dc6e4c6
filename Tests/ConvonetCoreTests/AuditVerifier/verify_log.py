"""Checks an audit log, as docs/AUDIT.md describes it, from JSON Lines on standard input.

Prints the head and exits with 0, or says what is wrong first and exits with 1.
"""
import hashlib
import json
import struct
import sys
from datetime import datetime, timedelta, timezone

FIELDS = (
    "format sequence event_id request_id occurred_at actor_kind action outcome rule account_id account_email "
    "account_username operator db_user uid login_uid host tty ssh_origin client_address reason ticket verified_by "
    "application detail previous_hash"
).split()

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def text(name, value):
    if name == "occurred_at":
        moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
        return str((moment - EPOCH) // timedelta(microseconds=1))
    return str(value)


def field(name, value):
    if value is None:
        return struct.pack(">i", -1)
    data = text(name, value).encode("utf-8")
    return struct.pack(">i", len(data)) + data


def event_hash(event):
    return hashlib.sha256(b"".join(field(name, event[name]) for name in FIELDS)).hexdigest()


def check(event, number, previous):
    """What is wrong with the event of this number, or None."""
    if event["format"] != 1:
        return "unknown format"
    if event["sequence"] != number:
        return "missing"
    if event["previous_hash"] != previous:
        return "does not follow from the one before it"
    if event["hash"] != event_hash(event):
        return "edited"


def main():
    number, previous = 0, "0" * 64
    for line in sys.stdin.buffer:
        number += 1
        try:
            event = json.loads(line)
            problem = check(event, number, previous)
        except (KeyError, TypeError, ValueError):
            problem = "malformed"
        if problem:
            sys.exit(f"event {number}: {problem}")
        previous = event["hash"]
    print(number, previous)


main()
