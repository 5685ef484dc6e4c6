"""Ways to sign in, and what the log says of each."""

import os
import subprocess

from client import Session, ask, processes
from host import DESK, GROUP, LENT, PLAIN, SERVICE, SHELL, Surprise


def somebody(host, number=0):
    return host.sql("SELECT email FROM users_convonet WHERE is_active AND voice_pin IS NOT NULL AND password_hash LIKE '$2b$%' "
                    f"ORDER BY email LIMIT 1 OFFSET {number}")


def last_event(host, columns):
    return host.sql(f"SELECT {columns} FROM convonet_admin.audit_event ORDER BY sequence DESC LIMIT 1")


def reset(host, user, key, **more):
    """Resets a PIN by a sub-command, and returns what the log claims of the connection, without the port."""
    status, said = ask(host, user, key, f"reset-pin {somebody(host)} --generate --yes --reason 'forgot it; \"twice\"'", **more)
    if status != 0 or "New voice PIN" not in said:
        raise Surprise(f"reset-pin ended with {status}: {said}")
    if last_event(host, "reason") != 'forgot it; "twice"':
        raise Surprise(f"the log has another reason: {last_event(host, 'reason')}")
    words = last_event(host, "ssh_origin").split()
    if words[:1] != ["127.0.0.1"]:
        raise Surprise(f"the log claims {words}")
    return " ".join(words[2:])


def expect(claimed, wanted):
    if claimed != wanted:
        raise Surprise(f"the log claims {claimed!r}, not {wanted!r}")
    return f"done; the log claims `{claimed}`"


def key(host):
    """Sign in by a key, run an allowed sub-command"""
    return expect(reset(host, DESK, "desk"), f"key={host.fingerprint('desk')}")


def certificate(host):
    """… by a certificate"""
    wanted = f"certificate={host.fingerprint('certified')} ca={host.fingerprint('ca')} serial=7 id=anna@example.org"
    return expect(reset(host, DESK, "certified"), wanted)


def agent(host):
    """… by a key in an agent"""
    socket = host.path("client", "agent")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    try:
        host.wait(lambda: os.path.exists(socket), "ssh-agent listens")
        subprocess.run(["ssh-add", "-q", host.path("client", "desk")], check=True, env={**os.environ, "SSH_AUTH_SOCK": socket})
        claimed = reset(host, DESK, None, environment={"SSH_AUTH_SOCK": socket}.items(), options=["-A"])
    finally:
        process.terminate()
        process.wait()
    return expect(claimed, f"key={host.fingerprint('desk')}")


def password(host):
    """… by a password"""
    helper = host.write("#!/bin/sh\necho 'a password of the test'\n", "client", "askpass", mode=0o755)
    environment = {"SSH_ASKPASS": helper, "SSH_ASKPASS_REQUIRE": "force"}
    return expect(reset(host, DESK, None, environment=environment.items()), "auth=password")


def sudo(host):
    """Force `sudo -n -u service convonet-admin forced-command`"""
    claimed = reset(host, LENT, "lent")
    who = last_event(host, "operator || ' as ' || db_user")
    if claimed or who != f"{SERVICE} as {SERVICE}":
        raise Surprise(f"the log claims {claimed!r} of {who}")
    host.write_sudoers("LANG")
    status, said = ask(host, LENT, "lent", "search anna")
    host.write_sudoers("SSH_CONNECTION SSH_ORIGINAL_COMMAND")
    if status != 78 or "ssh -t" not in said:
        raise Surprise(f"without the variables it ended with {status}: {said}")
    return (f"done; the log has system and database user `{SERVICE}` and the address, but no key. Without `env_keep` there is only "
            "the console, and no address")


def consoles(host):
    """Sign in on a terminal without a command"""
    for user, name in ((DESK, "desk"), (DESK, "certified"), (PLAIN, "plain"), (LENT, "lent")):
        session = Session(host, user, name)
        session.wait("q quit")
        session.send("q")
        if session.end() != 0:
            raise Surprise(f"the console of {user} ended with {session.status}")
        gone(host, user)
    return "the console, with key, certificate, `convonet-admin` alone, and `sudo`"


def gone(host, *users):
    for user in users:
        host.wait(lambda user=user: not processes(user), f"no process of {user} is left: {processes(user)}")


def plain(host):
    """Force `convonet-admin` alone, and ask for a sub-command"""
    session = Session(host, PLAIN, "plain", "show", "anna@example.org")
    session.wait("q quit")
    session.send("\x1a")
    session.wait("q quit")
    session.send("q")
    if session.end() != 0:
        raise Surprise(f"the console ended with {session.status}")
    return "the console; what is asked for is not looked at; Ctrl-Z draws it again"


def refused(host):
    """Ask for what is not allowed, or cannot be read"""
    before = last_event(host, "sequence")
    for command, code, words in (
        ("reset-password anna --generate --yes", 77, "“reset-password” is not among"), ("audit list", 77, "“audit list” is not"),
        ("migrate --uninstall", 77, "“migrate” is not among"), ("no-such-thing", 77, "This is not among"),
        ("search O'Brien", 64, "has no end"), ("search a; id", 64, "“;” is for shells"), ("search $(id)", 64, "“$” is for shells"),
    ):
        status, said = ask(host, DESK, "desk", command)
        if status != code or words not in said or "uid=" in said:
            raise Surprise(f"{command!r} ended with {status}: {said}")
    if last_event(host, "sequence") != before:
        raise Surprise("the log has an event of it")
    return "exit codes 77 and 64, with the reason and the commands that are allowed"


def ordinary_shell(host):
    """Set SSH_ORIGINAL_COMMAND in a shell of one's own"""
    address = f"CONVONET_DB_URI='{host.address()}'"
    command = f"SSH_ORIGINAL_COMMAND='reset-pin {somebody(host)} --clear --yes' {address} {host.bin} search --limit 1 example"
    status, said = ask(host, SHELL, "shell", command)
    if status != 0 or "example" not in said:
        raise Surprise(f"it ended with {status}: {said}")
    return "nothing: it counts only for `forced-command`"


def doctor(host):
    """Ask for `doctor`"""
    said = ask(host, DESK, "desk", "doctor")[1]
    for words in (f"SSH key {host.fingerprint('desk')}", "these can be run: “search”"):
        if words not in said:
            raise Surprise(f"doctor does not say {words!r}: {said}")
    return f"names the key, and the commands that members of `{GROUP}` can run"


TRIALS = [key, certificate, agent, password, sudo, consoles, plain, refused, ordinary_shell, doctor]
