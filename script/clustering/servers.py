"""Three PostgreSQL under Patroni, each in a network namespace and on a small disk of its own, with etcd, HAProxy and PgBouncer."""

import glob
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request

from processes import AS_POSTGRES, run

HUB = "10.99.0.1"
NODES = {f"n{number}": f"10.99.0.1{number}" for number in (1, 2, 3)}
BINARIES = os.environ.get("CONVONET_PG_BINDIR") or sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
HAPROXY_PORT, PGBOUNCER_PORT = 5000, 6432
# Short times, as far as Patroni allows: a lock that is not renewed is free after `ttl` seconds.
PATRONI = """
scope: convonet
name: {name}
restapi: {{listen: '{address}:8008', connect_address: '{address}:8008'}}
etcd3: {{hosts: '{hub}:2379'}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 3
    master_start_timeout: 0
    synchronous_mode: true
    maximum_lag_on_failover: 16777216
    postgresql:
      use_pg_rewind: true
      use_slots: false
      parameters: {{max_connections: 100, wal_log_hints: 'on', wal_keep_size: 64MB, min_wal_size: 32MB, max_wal_size: 64MB}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}, no-sync]
postgresql:
  listen: '{address}:5432'
  connect_address: '{address}:5432'
  data_dir: {data}
  bin_dir: {binaries}
  pgpass: {directory}/{name}.pgpass
  parameters: {{unix_socket_directories: '{directory}/{name}', fsync: '{fsync}'}}
  pg_hba: ['local all all trust', 'host all all 10.99.0.0/24 trust', 'host replication all 10.99.0.0/24 trust']
  authentication: {{superuser: {{username: postgres}}, replication: {{username: postgres}}, rewind: {{username: postgres}}}}
"""
HAPROXY = """
global
    maxconn 500
defaults
    mode tcp
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    timeout check 2s
listen primary
    bind {hub}:{port}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""
PGBOUNCER = """
[databases]
* = host={hub} port={port}
[pgbouncer]
listen_addr = {hub}
listen_port = {own}
unix_socket_dir =
auth_type = trust
auth_file = {directory}/pgbouncer.users
pool_mode = transaction
server_connect_timeout = 3
server_login_retry = 1
query_wait_timeout = 10
ignore_startup_parameters = extra_float_digits
"""


class Cluster:
    """The servers, and what can befall them."""

    def __init__(self, processes, directory, disk, fsync):
        self.processes, self.directory, self.disk, self.fsync = processes, directory, disk, fsync
        self.patroni = {}

    def start(self):
        self.make_network()
        etcd = ["etcd", "--data-dir", f"{self.directory}/etcd", "--listen-client-urls", f"http://{HUB}:2379",
                "--advertise-client-urls", f"http://{HUB}:2379", "--listen-peer-urls", f"http://{HUB}:2380", "--logger", "zap"]
        os.mkdir(f"{self.directory}/etcd", 0o700)
        self.processes.start("etcd", etcd)
        for name in NODES:
            self.make_disk(name)
            self.start_patroni(name)
            self.wait(f"{name} runs", lambda name=name: self.role(name) is not None, 90)
        self.wait("a synchronous standby", lambda: self.sync_standby() is not None, 90)
        self.start_haproxy()
        self.start_pgbouncer()

    def make_network(self):
        """A bridge here and a namespace for each server: all of it goes with the namespace that this runs in."""
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "hub", "type", "bridge")
        run("ip", "address", "add", f"{HUB}/24", "dev", "hub")
        run("ip", "link", "set", "hub", "up")
        for name, address in NODES.items():
            run("ip", "netns", "add", name)
            run("ip", "link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "link", "set", f"to-{name}", "master", "hub", "up")
            run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                run("ip", "-n", name, "link", "set", device, "up")
            # As behind a router: who is cut off is not said to be unreachable, but does not answer.
            hardware = run("ip", "netns", "exec", name, "cat", "/sys/class/net/eth0/address").strip()
            run("ip", "neighbour", "replace", address, "lladdr", hardware, "dev", "hub", "nud", "permanent")

    def make_disk(self, name):
        os.mkdir(f"{self.directory}/{name}")
        run("mount", "-t", "tmpfs", "-o", f"size={self.disk}m,mode=700", "tmpfs", f"{self.directory}/{name}")
        shutil.chown(f"{self.directory}/{name}", "postgres", "postgres")

    def start_patroni(self, name):
        path = f"{self.directory}/{name}.yml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(PATRONI.format(name=name, address=NODES[name], hub=HUB, data=f"{self.directory}/{name}/data",
                                      binaries=BINARIES, directory=self.directory, fsync=self.fsync))
        self.patroni[name] = self.processes.start(name, [*AS_POSTGRES, "patroni", path], namespace=name)

    def start_haproxy(self):
        path = f"{self.directory}/haproxy.cfg"
        servers = "\n".join(f"    server {name} {address}:5432 check port 8008" for name, address in NODES.items())
        with open(path, "w", encoding="utf-8") as file:
            file.write(HAPROXY.format(hub=HUB, port=HAPROXY_PORT, servers=servers))
        self.processes.start("haproxy", ["haproxy", "-db", "-f", path])

    def start_pgbouncer(self):
        path = f"{self.directory}/pgbouncer.ini"
        with open(path, "w", encoding="utf-8") as file:
            file.write(PGBOUNCER.format(hub=HUB, port=HAPROXY_PORT, own=PGBOUNCER_PORT, directory=self.directory))
        with open(f"{self.directory}/pgbouncer.users", "w", encoding="utf-8") as file:
            file.write("".join(f'"{user}" ""\n' for user in ("convonet", "desk", "web", "auditor", "postgres")))
        self.processes.start("pgbouncer", [*AS_POSTGRES, "pgbouncer", path])

    def role(self, name):
        """What Patroni says of the server: master, replica; nil where nobody answers or it does not run."""
        try:
            with urllib.request.urlopen(f"http://{NODES[name]}:8008/patroni", timeout=1) as answer:
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            said = json.load(error)
        except (OSError, ValueError):
            return None
        if said.get("state") != "running":
            return None
        if said.get("sync_standby"):
            return "sync_standby"
        return said.get("role")

    def primary(self):
        """The server that takes changes; nil where there is none."""
        return next((name for name in NODES if self.role(name) in ("master", "primary")), None)

    def sync_standby(self):
        return next((name for name in NODES if self.role(name) == "sync_standby"), None)

    def is_whole(self):
        roles = [self.role(name) for name in NODES]
        return None not in roles and "sync_standby" in roles and self.primary() is not None

    def wait(self, what, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise SystemExit(f"test-cluster: it never happened that {what}; --keep DIRECTORY keeps the logs")
            time.sleep(0.2)

    def sql(self, text, user="postgres", database="convonet", host=None):
        host = host or NODES[self.primary() or "n1"]
        words = [f"{BINARIES}/psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", host, "-U", user, "-d", database, "-f", "-"]
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "5"}
        result = subprocess.run(words, input=text, capture_output=True, text=True, env=environment, check=False)
        if result.returncode:
            raise SystemExit(f"test-cluster: psql failed:\n{result.stderr}")
        return result.stdout

    # What befalls it. Each returns what undoes it.

    def kill(self):
        """kill -9 of the primary's server; Patroni is there to see it."""
        name = self.primary()
        with open(f"{self.directory}/{name}/data/postmaster.pid", encoding="ascii") as file:
            os.kill(int(file.readline()), signal.SIGKILL)
        return lambda: None

    def switchover(self):
        """The synchronous standby and the primary change places, in order."""
        body = json.dumps({"leader": self.primary(), "candidate": self.sync_standby()}).encode()
        request = urllib.request.Request(
            f"http://{NODES[self.primary()]}:8008/switchover", body, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request, timeout=60).read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"test-cluster: no switchover: {error.read().decode()}") from error
        return lambda: None

    def partition(self):
        """Nobody reaches the primary's machine, and it reaches nobody; packets vanish."""
        name = self.primary()
        run("ip", "link", "set", f"to-{name}", "down")
        return lambda: run("ip", "link", "set", f"to-{name}", "up")

    def fill_disk(self):
        """Nothing more goes onto the primary's disk, and it wants to write a new file of its log."""
        name = self.primary()
        path = f"{self.directory}/{name}/filled"
        subprocess.run(["dd", "if=/dev/zero", f"of={path}", "bs=1M"], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(
            [f"{BINARIES}/psql", "-qX", "-h", NODES[name], "-U", "postgres", "-d", "convonet",
             "-c", "SELECT pg_switch_wal() FROM generate_series(1, 1)", "-c", "CHECKPOINT"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
        return lambda: os.unlink(path)

    FAULTS = {"kill": kill, "switchover": switchover, "partition": partition, "disk": fill_disk}
