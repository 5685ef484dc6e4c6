"""A private PostgreSQL with databases of made-up people."""

import glob
import os
import shutil
import subprocess
import tempfile

import psycopg2

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, ".build/benchmark/convonet-admin")
DEMO = os.path.join(ROOT, "Sources/AdminCommands/Demo")


def tool(name):
    places = [os.environ.get("CONVONET_PG_BINDIR", "")] + sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    return next((os.path.join(p, name) for p in places if p and os.access(os.path.join(p, name), os.X_OK)), name)


# For measuring: nothing waits for the disk, and nothing survives the server.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=8GB")
# For killing the server's processes, not the machine: what is committed survives them.
LASTING = ("fsync=off", "synchronous_commit=on", "max_wal_size=1GB", "track_commit_timestamp=on")


class Cluster:
    """A server on a socket and on loopback, which ends with the `with` block; `owner` is whose script it is."""

    made = 0

    def __init__(self, settings=FAST, owner="benchmark", program=PROGRAM):
        self.settings, self.owner, self.binary = settings, owner, program
        self.directory = tempfile.mkdtemp(prefix=f"convonet-{owner}-")
        self.data = os.path.join(self.directory, "data")
        self.port = 20000 + (os.getpid() * 4 + 2 * Cluster.made) % 20000
        Cluster.made += 1
        # As root the server runs as somebody else.
        self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.prefix:
            shutil.chown(self.directory, "postgres", "postgres")
        os.chmod(self.directory, 0o755)

    def __enter__(self):
        self.run(tool("initdb"), "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        self.sql("CREATE ROLE convonet LOGIN; CREATE ROLE onlooker LOGIN", "postgres", user="postgres")
        return self

    def start(self):
        settings = f"-k {self.directory} -p {self.port} -c listen_addresses=127.0.0.1"
        for setting in self.settings:
            settings += f" -c {setting}"
        self.run(tool("pg_ctl"), "-D", self.data, "-l", os.path.join(self.directory, "log"), "-o", settings, "-w", "start")

    def __exit__(self, *_):
        self.run(tool("pg_ctl"), "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, *command):
        result = subprocess.run([*self.prefix, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
        if result.returncode:
            raise SystemExit(f"{self.owner}: {command[0]} failed:\n{result.stdout}")

    def fill(self, database, people, *options):
        self.sql(f"CREATE DATABASE {database} OWNER convonet", "postgres", user="postgres")
        self.sql("ALTER ROLE convonet CREATEROLE", "postgres", user="postgres")
        for name in ("convonet_schema.sql", "demo_people.sql"):
            with open(os.path.join(DEMO, name), encoding="utf-8") as file:
                self.sql(file.read().replace("{{count}}", str(people)), database)
        self.program(
            database, "migrate", "--yes", "--grant-operator", "convonet", "--grant-auditor", "convonet",
            "--grant-supervisor", "convonet", "--grant-viewer", "onlooker", *options)
        # Whoever resets passwords need not make roles, and should not.
        self.sql("ALTER ROLE convonet NOCREATEROLE", "postgres", user="postgres")

    def address(self, database, port=None, user="convonet"):
        place = f"host={self.directory} port={self.port}" if port is None else f"host=127.0.0.1 port={port}"
        return f"{place} user={user} dbname={database}"

    def connect(self, database, user="convonet"):
        connection = psycopg2.connect(f"host={self.directory} port={self.port} user={user} dbname={database}")
        connection.autocommit = True
        return connection

    def sql(self, text, database, user="convonet"):
        connection = self.connect(database, user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def environment(self, database, port=None, user="convonet"):
        return {"PATH": os.environ["PATH"], "HOME": self.directory, "TERM": "xterm-256color", "LANG": "C.UTF-8",
                "CONVONET_DB_URI": self.address(database, port, user)}

    def program(self, database, *arguments, check=True):
        result = subprocess.run([self.binary, *arguments], env=self.environment(database), capture_output=True, text=True)
        if check and result.returncode:
            raise SystemExit(f"{self.owner}: {arguments} failed:\n{result.stderr}")
        return result
