"""A machine of our own: users, a private PostgreSQL, an sshd, keys. It is seen in this process's namespaces alone."""

import glob
import os
import shutil
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEMO = os.path.join(ROOT, "Sources/AdminCommands/Demo")
PORT = 22022
# Desk: a member of the group that the command is forced on. Plain: the program without our own precautions. Lent: sudo -u.
DESK, PLAIN, LENT, SHELL, SERVICE = "cv-desk", "cv-plain", "cv-lent", "cv-shell", "cv-service"
GROUP = "cv-operators"
SETTINGS = "/etc/convonet-admin/config.toml"
ALLOWED = ["search", "show", "reset-pin", "doctor", "apply", "audit export", "audit verify"]


class Surprise(Exception):
    """Something was not as it has to be."""


def run(*command, input=None, check=True, **options):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, input=input, **options)
    if check and result.returncode:
        raise Surprise(f"{' '.join(command)} failed:\n{result.stdout}")
    return result.stdout


def tool(name):
    places = [os.environ.get("CONVONET_PG_BINDIR", "")] + sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    return next(os.path.join(place, name) for place in places if place and os.access(os.path.join(place, name), os.X_OK))


AS_SERVER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


class Host:
    """Everything that the trials need, from the `with` block's beginning to its end."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        run("ip", "link", "set", "lo", "up")
        self.hide_the_machine()
        self.bin = self.path("convonet-admin")
        shutil.copy(self.program, self.bin)
        os.chmod(self.bin, 0o755)
        self.sshd = None
        try:
            self.make_users()
            self.start_database()
            self.make_keys()
            self.start_sshd()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.sshd:
            self.sshd.terminate()
            self.sshd.wait()
        self.server("pg_ctl", "-D", self.path("data"), "-m", "immediate", "stop", check=False)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def write(self, text, *names, mode=0o644):
        path = self.path(*names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def hide_the_machine(self):
        """What is written to /etc stays in a layer above it, and nobody's log of logins hears of ours."""
        for place in ("/run", "/var/log"):
            run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", place)
        # sshd takes keys only from where nobody else can write, and all above that.
        self.directory = "/run/convonet"
        os.mkdir(self.directory, 0o755)
        upper, work = self.path("etc"), self.path("etc-work")
        os.mkdir(upper, 0o755)
        os.mkdir(work, 0o755)
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/etc,upperdir={upper},workdir={work}", "/etc")
        os.mkdir("/run/sshd", 0o755)

    def make_users(self):
        run("groupadd", GROUP)
        os.mkdir(self.path("home"), 0o755)
        for name in (DESK, PLAIN, LENT, SHELL, SERVICE):
            groups = ["-G", GROUP] if name == DESK else []
            run("useradd", "-m", "-d", self.path("home", name), "-s", "/bin/bash", "-p", "*", *groups, name)
        run("chpasswd", input=f"{DESK}:a password of the test\n")
        os.makedirs("/etc/sudoers.d", exist_ok=True)
        self.write_sudoers("SSH_CONNECTION SSH_ORIGINAL_COMMAND")

    def write_sudoers(self, kept):
        with open("/etc/sudoers.d/convonet", "w", encoding="utf-8") as file:
            file.write(f'Defaults:{LENT} env_keep += "{kept}"\n{LENT} ALL=({SERVICE}) NOPASSWD: {self.bin} forced-command\n')
        os.chmod("/etc/sudoers.d/convonet", 0o440)

    # The database

    def server(self, name, *arguments, check=True):
        return run(*AS_SERVER, tool(name), *arguments, cwd="/", check=check)

    def start_database(self):
        for name in ("data", "socket"):
            os.mkdir(self.path(name), 0o700 if name == "data" else 0o755)
            shutil.chown(self.path(name), "postgres", "postgres")
        self.server("initdb", "-D", self.path("data"), "-U", "postgres", "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-k {self.path('socket')} -c listen_addresses= -c fsync=off -c log_statement=none"
        self.server("pg_ctl", "-D", self.path("data"), "-l", self.path("socket", "log"), "-o", options, "-w", "start")
        self.sql("CREATE ROLE convonet; CREATE DATABASE convonet OWNER convonet;", "postgres")
        people = "SET ROLE convonet;\n"
        for name in ("convonet_schema.sql", "demo_people.sql"):
            with open(os.path.join(DEMO, name), encoding="utf-8") as file:
                people += file.read().replace("{{count}}", "50")
        self.sql(people)
        grants = []
        for name in (DESK, PLAIN, SHELL, SERVICE):
            self.sql(f'CREATE ROLE "{name}" LOGIN')
            grants += ["--grant-operator", name]
        run(*AS_SERVER, self.bin, "migrate", "--yes", *grants, "--grant-auditor", DESK, cwd="/",
            env={"CONVONET_DB_URI": self.address("&user=postgres"), "PATH": os.environ["PATH"]})
        os.makedirs(os.path.dirname(SETTINGS), exist_ok=True)
        with open(SETTINGS, "w", encoding="utf-8") as file:
            names = ", ".join(f'"{name}"' for name in ALLOWED)
            file.write(f'[database]\nurl = "{self.address()}"\n[ssh]\ncommands = [{names}]\n')

    def address(self, more=""):
        return f"postgresql:///convonet?host={self.path('socket')}{more}"

    def sql(self, text, database="convonet"):
        return run(*AS_SERVER, tool("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.path("socket"),
                   "-U", "postgres", "-d", database, input=text, cwd="/", env={"PGOPTIONS": "-cclient_min_messages=warning"}).strip()

    def wait(self, condition, what, seconds=15):
        """Waits for what becomes true by itself."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise Surprise(f"this did not come about: {what}")
            time.sleep(0.02)

    # sshd

    def make_keys(self):
        os.mkdir(self.path("client"), 0o700)
        for name in ("host", "ca", "desk", "certified", "plain", "lent", "shell"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", self.path("client", name))
        run("ssh-keygen", "-q", "-s", self.path("client", "ca"), "-I", "anna@example.org", "-z", "7", "-n", DESK, "-V", "+1h",
            self.path("client", "certified.pub"))
        os.mkdir(self.path("keys"), 0o755)
        for user, key, options in (
            (DESK, "desk", ""), (SHELL, "shell", ""), (PLAIN, "plain", f'command="{self.bin}",restrict,pty '),
            (LENT, "lent", f'command="sudo -n -u {SERVICE} {self.bin} forced-command",restrict,pty '),
        ):
            with open(self.path("client", key + ".pub"), encoding="ascii") as file:
                self.write(options + file.read(), "keys", user)

    def fingerprint(self, key):
        return run("ssh-keygen", "-lf", self.path("client", key + ".pub")).split()[1]

    def start_sshd(self):
        shutil.copy(self.path("client", "ca.pub"), self.path("ca.pub"))
        config = self.write(f"""
Port {PORT}
ListenAddress 127.0.0.1
HostKey {self.path("client", "host")}
PidFile none
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
AuthorizedKeysFile {self.path("keys", "%u")}
TrustedUserCAKeys {self.path("ca.pub")}
ExposeAuthInfo yes
PrintMotd no
PrintLastLog no
ClientAliveInterval 1
ClientAliveCountMax 2
Subsystem sftp internal-sftp
# More than any site would take, so that what the program makes of them is seen.
AcceptEnv LANG LC_* CONVONET_* DATABASE_URL DB_* PG* XDG_* TERMINFO* SSH_* OPENSSL_CONF PAGER EDITOR VISUAL HOME NCURSES_*

Match Group {GROUP}
    ForceCommand {self.bin} forced-command
    DisableForwarding yes
    PermitUserRC no
""", "sshd_config")
        log = open(self.path("sshd.log"), "w", encoding="utf-8")
        self.sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", config], stdout=log, stderr=log)
        with open(self.path("client", "host.pub"), encoding="ascii") as file:
            self.write(f"[127.0.0.1]:{PORT} {file.read()}", "client", "known_hosts")
        self.wait(lambda: "listening on" in open(self.path("sshd.log"), encoding="utf-8").read(), "sshd listens")
