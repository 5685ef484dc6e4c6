"""What somebody would try who wants a shell, a file or another program."""

import os
import pwd
import re
import time

from client import Session, ask, console_of, processes, ticks, words
from host import DESK, PLAIN, PORT, Surprise
from sign_ins import gone


def keys(host):
    """Ctrl-Z, `!sh`, `:!sh`, `:sh`, `:e /etc/passwd` in the console"""
    session = Session(host, DESK, "desk")
    session.wait("q quit")
    session.send("\x1a")
    session.wait("turned off")
    for typed in ("!sh\r", "\x1b\x1b:!sh\r", "\x1b\x1b:sh\r", "\x1b\x1b:e /etc/passwd\r", "\x1b\x1b\x1b"):
        session.send(typed)
        while session.read(0.4):
            pass
        others = {name for name in processes(DESK).values() if name not in ("sshd", "bash") and not name.startswith("convonet-adm")}
        if others or "root:" in session.text():
            raise Surprise(f"{typed!r} gave {others}: {session.text()[-800:]}")
    pid = console_of(DESK)
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        status = file.read()
    if not re.search(r"NoNewPrivs:\s+1\n", status) or not re.search(r"Seccomp:\s+2\n", status):
        raise Surprise(f"the program could start others: {status}")
    os.kill(pid, 15)
    session.end()
    gone(host, DESK)
    return "nothing but the console; Ctrl-Z is refused, and the kernel starts no program for it (seccomp)"


def variables(host):
    """Send variables (with an `AcceptEnv` that takes them)"""
    sent = {"CONVONET_DB_URI": "postgresql:///other", "DATABASE_URL": "postgresql:///other", "PGHOST": "/nowhere", "PGPORT": "7",
            "CONVONET_ADMIN_CONFIG": "/etc/passwd", "XDG_CONFIG_HOME": "/tmp", "XDG_STATE_HOME": "/tmp", "PGSERVICEFILE": "/etc/passwd",
            "TERMINFO": "/tmp", "PGPASSFILE": "/etc/passwd", "OPENSSL_CONF": "/tmp/x", "PAGER": "sh", "EDITOR": "sh", "VISUAL": "sh",
            "HOME": "/tmp", "DB_HOST": "nowhere", "SSH_CONNECTION": "192.0.2.7 1 192.0.2.1 22", "SSH_USER_AUTH": "/etc/passwd"}
    options = [word for name in sent for word in ("-o", f"SendEnv={name}")]
    status, said = ask(host, DESK, "desk", "search --limit 1 example", options=options, environment=sent.items())
    if status != 0 or "example" not in said:
        raise Surprise(f"search ended with {status}: {said}")
    session = Session(host, DESK, "desk", options=options, environment=sent.items())
    session.wait("q quit")
    session.send("q")
    if session.end() != 0 or os.path.exists("/tmp/convonet-admin"):
        raise Surprise("the console went elsewhere")
    return "none counts, neither for the console nor for a sub-command"


def files(host):
    """Name a file: `--config`, `--output`, `--journal`, `--checkpoint`, `apply FILE`"""
    home = pwd.getpwnam(DESK).pw_dir
    for command in ("search x --config /etc/passwd", f"audit export --output {home}/log", "audit verify --journal /etc/passwd",
                    "audit verify --checkpoint /etc/passwd", "apply /etc/passwd --action deactivate --yes"):
        status, said = ask(host, DESK, "desk", command)
        if status not in (65, 78) or "no file can be named" not in said or "root:" in said:
            raise Surprise(f"{command!r} ended with {status}: {said}")
    if os.path.exists(f"{home}/log") or os.path.exists(f"{home}/log.partial"):
        raise Surprise("a file was made")
    return "refused; none is opened or made"


def subsystems(host):
    """sftp, scp, scp -O, rsync, a shell, `bash -i`"""
    target = host.path("client", "got")
    for program, arguments in (("sftp", ["-b", "-"]), ("scp", []), ("scp", ["-O"])):
        place = words(host, DESK, "desk")[-1]
        options = ["-P" if word == "-p" else word for word in words(host, DESK, "desk")[:-1]]
        copied = [*options, *arguments, *([place] if program == "sftp" else [place + ":/etc/passwd", target])]
        status = os.spawnvpe(os.P_WAIT, "sh", ["sh", "-c", 'exec "$@" >/dev/null 2>&1 </dev/null', "sh", program, *copied], os.environ)
        if status == 0 or os.path.exists(target):
            raise Surprise(f"{program} ended with {status}")
    for command in ("rsync --server . /", "/bin/sh", "bash -i", "'' sh"):
        status, said = ask(host, DESK, "desk", command, input="id\n")
        if status != 77 or "uid=" in said:
            raise Surprise(f"{command!r} ended with {status}: {said}")
    status, said = ask(host, PLAIN, "plain", "/bin/sh", input="id\n")
    if status != 78 or "uid=" in said:
        raise Surprise(f"a shell ended with {status}: {said}")
    return "refused"


def forwarding(host):
    """Forward a port (`-W`)"""
    for user, name in ((DESK, "desk"), (PLAIN, "plain")):
        status, said = ask(host, user, name, options=["-W", f"127.0.0.1:{PORT}"])
        if status == 0 or "SSH-2.0" in said:
            raise Surprise(f"-W ended with {status}: {said}")
    return "refused by sshd: `DisableForwarding`, `restrict`"


def home(host):
    """A settings file and `~/.ssh/rc` in one's own home, if somebody could write there"""
    place = pwd.getpwnam(DESK)
    mark = host.path("home", DESK, "mark")
    host.write('[database]\nurl = "postgresql:///other"\n[ssh]\ncommands = ["migrate"]\n', "home", DESK, ".config", "convonet-admin",
               "config.toml")
    host.write(f"touch {mark}\n", "home", DESK, ".ssh", "rc", mode=0o755)
    status, said = ask(host, DESK, "desk", "search --limit 1 example")
    if status != 0 or os.path.exists(mark):
        raise Surprise(f"search ended with {status}: {said}")
    for path in (f"{place.pw_dir}/.ssh/rc", f"{place.pw_dir}/.config/convonet-admin/config.toml"):
        os.unlink(path)
    return "neither counts"


def idle(host):
    """Leave the console alone"""
    session = Session(host, DESK, "desk")
    session.wait("q quit")
    pid = console_of(DESK)
    while session.read(0.3):
        pass
    before = ticks(pid)
    end = time.monotonic() + 3
    while time.monotonic() < end:
        session.read(0.2)
    used = ticks(pid) - before
    session.send("q")
    session.end()
    if used > 3:
        raise Surprise(f"it used {used} hundredths of a second in 3 seconds")
    return f"{used * 10} ms of CPU time in 3 seconds"


TRIALS = [keys, variables, files, subsystems, forwarding, home, idle]
