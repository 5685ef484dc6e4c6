"""Ways in which operators sign in to the database, each with what opens it and with what does not."""

import os
import shutil
import subprocess

from host import AS_SERVER, DESK, SETTINGS, Surprise, run, tool

REALM = "EXAMPLE.TEST"
WORD = "a password of the test"
ROLES = {"peer": DESK, "mapped": "anna", "scram": "cv-scram", "cert": "cv-cert", "gss": "cv-gss", "ldap": "cv-ldap", "token": "cv-token"}


class SignIns:
    """A host whose database lets people in by all of them."""

    def __init__(self, host):
        self.host = host
        self.servers = []

    def __enter__(self):
        # Each trial has an address of its own.
        os.unlink(SETTINGS)
        try:
            self.make_certificates()
            self.start_kdc()
            self.start_ldap()
            self.open_database()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.terminate()
            server.wait()

    def start(self, *command, **variables):
        log = open(self.host.path("servers.log"), "a", encoding="utf-8")
        self.servers.append(subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **variables}))

    def make_certificates(self):
        """An authority, the server's certificate for localhost, and one of a client; for a stranger by another authority."""
        path, host = self.host.path, self.host
        os.mkdir(path("tls"), 0o755)
        for authority, name, subject in (("ca", "server", "localhost"), ("ca", "client", ROLES["cert"]), ("other", "stranger", ROLES["cert"])):
            if not os.path.exists(path("tls", authority + ".key")):
                run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={authority}",
                    "-keyout", path("tls", authority + ".key"), "-out", path("tls", authority + ".crt"))
            run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={subject}", "-keyout", path("tls", name + ".key"),
                "-out", path("tls", name + ".csr"))
            names = host.write(f"subjectAltName=DNS:{subject}\n", "tls", name + ".names")
            run("openssl", "x509", "-req", "-in", path("tls", name + ".csr"), "-days", "1", "-CAcreateserial", "-extfile", names,
                "-CA", path("tls", authority + ".crt"), "-CAkey", path("tls", authority + ".key"), "-out", path("tls", name + ".crt"))
            owner = "postgres" if name == "server" else DESK
            shutil.chown(path("tls", name + ".key"), owner)
            os.chmod(path("tls", name + ".key"), 0o600)

    def start_kdc(self):
        path, host = self.host.path, self.host
        with open("/etc/krb5.conf", "w", encoding="ascii") as file:
            file.write(f"[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\ndns_canonicalize_hostname = false\n"
                       f"rdns = false\n[realms]\n{REALM} = {{\n kdc = 127.0.0.1:8088\n}}\n[domain_realm]\nlocalhost = {REALM}\n")
        os.mkdir(path("kdc"), 0o700)
        profile = host.write(f"[realms]\n{REALM} = {{\n database_name = {path('kdc', 'principal')}\n key_stash_file = "
                             f"{path('kdc', 'stash')}\n kdc_listen = 127.0.0.1:8088\n kdc_tcp_listen = 127.0.0.1:8088\n}}\n", "kdc.conf")
        environment = {**os.environ, "KRB5_KDC_PROFILE": profile}
        run("kdb5_util", "-r", REALM, "create", "-s", "-P", "master", env=environment)
        for command in (f'addprinc -pw "{WORD}" {ROLES["gss"]}', f'addprinc -pw "{WORD}" stranger',
                        "addprinc -randkey postgres/localhost", f"ktadd -k {path('keytab')} postgres/localhost"):
            run("kadmin.local", "-r", REALM, "-q", command, env=environment)
        shutil.chown(path("keytab"), "postgres")
        self.start("krb5kdc", "-n", "-r", REALM, KRB5_KDC_PROFILE=profile)

    def start_ldap(self):
        path, host = self.host.path, self.host
        os.mkdir(path("ldap"), 0o700)
        config = host.write(f"""
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {path("ldap", "pid")}
database mdb
suffix "dc=example,dc=test"
directory {path("ldap")}
""", "slapd.conf")
        people = host.write(f"""dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: uid={ROLES["ldap"]},dc=example,dc=test
objectClass: account
objectClass: simpleSecurityObject
uid: {ROLES["ldap"]}
userPassword: {WORD}
""", "people.ldif")
        run("slapadd", "-f", config, "-l", people)
        self.start("slapd", "-d", "0", "-f", config, "-h", "ldap://127.0.0.1:3389")
        host.wait(lambda: os.path.exists(path("ldap", "pid")), "slapd is ready")

    def open_database(self):
        path, host = self.host.path, self.host
        host.write(f"""local all postgres peer
local all {ROLES["mapped"]} peer map=desk
local all all peer
hostssl all {ROLES["scram"]} 127.0.0.1/32 scram-sha-256
hostssl all {ROLES["token"]} 127.0.0.1/32 scram-sha-256
hostssl all {ROLES["cert"]} 127.0.0.1/32 cert
host all {ROLES["gss"]} 127.0.0.1/32 gss include_realm=0 krb_realm={REALM}
hostssl all {ROLES["ldap"]} 127.0.0.1/32 ldap ldapserver=127.0.0.1 ldapport=3389 ldapprefix="uid=" ldapsuffix=",dc=example,dc=test"
""", "data", "pg_hba.conf")
        host.write(f"desk {DESK} {ROLES['mapped']}\n", "data", "pg_ident.conf")
        for name in set(ROLES.values()) - {DESK}:
            secret = f"PASSWORD '{WORD}'" if name == ROLES["scram"] else ""
            host.sql(f'CREATE ROLE "{name}" LOGIN {secret}')
        # Whoever gives tokens: anybody here may have one, and it is the password from then on.
        host.sql(f"""CREATE FUNCTION new_token() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
            DECLARE token text := gen_random_uuid();
            BEGIN EXECUTE format('ALTER ROLE "{ROLES["token"]}" PASSWORD %L', token); RETURN token; END $$""", "postgres")
        grants = [word for name in ROLES.values() for word in ("--grant-operator", name)]
        run(*AS_SERVER, host.bin, "migrate", "--yes", *grants, cwd="/",
            env={"CONVONET_DB_URI": host.address("&user=postgres"), "PATH": os.environ["PATH"]})
        host.server("pg_ctl", "-D", path("data"), "-m", "fast", "-w", "stop")
        options = (f"-k {path('socket')} -c listen_addresses=127.0.0.1 -c port=5432 -c ssl=on -c ssl_cert_file={path('tls', 'server.crt')} "
                   f"-c ssl_key_file={path('tls', 'server.key')} -c ssl_ca_file={path('tls', 'ca.crt')} "
                   f"-c krb_server_keyfile={path('keytab')}")
        host.server("pg_ctl", "-D", path("data"), "-l", path("socket", "log"), "-o", options, "-w", "start")

    def search(self, address, **variables):
        """The program as one of the desk; its exit code and what it said."""
        home = self.host.path("home", DESK)
        result = subprocess.run(
            [self.host.bin, "search", "--limit", "1", "example"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, user=DESK,
            group=DESK, extra_groups=[], cwd="/", timeout=60,
            env={"PATH": os.environ["PATH"], "HOME": home, **({"CONVONET_DB_URI": address} if address else {}), **variables})
        return result.returncode, result.stdout

    def network(self, role, more=""):
        return f"postgresql://{ROLES[role]}@localhost/convonet?sslmode=verify-full&sslrootcert={self.host.path('tls', 'ca.crt')}{more}"

    def by_command(self, *command):
        """A search with a settings file that has a command for the password."""
        words = ", ".join(f'"{word}"' for word in command)
        return self.search(None, CONVONET_ADMIN_CONFIG=self.host.write(
            f'[database]\nurl = "{self.network("token")}"\npassword_command = [{words}]\n', "token.toml"))

    def password_file(self, word):
        path = self.host.write(f"localhost:*:*:*:{word}\n", "home", DESK, ".pgpass", mode=0o600)
        shutil.chown(path, DESK)


def outcome(opened, *refused, codes=(77,)):
    """What lets in, and what does not: exit codes and what was said."""
    if opened[0] != 0 or "example" not in opened[1]:
        raise Surprise(f"it ended with {opened[0]}: {opened[1]}")
    for status, said in refused:
        if status not in codes:
            raise Surprise(f"without leave it ended with {status}: {said}")
    return f"lets in; otherwise exit code {refused[0][0]}: “{' '.join(refused[0][1].split(': ', 1)[1].split())}”"


def peer(it):
    """`peer`: `local all all peer`, `url = "postgresql:///convonet"`; another system user"""
    return outcome(it.search(it.host.address()), it.search(it.host.address("&user=cv-scram")))


def mapped(it):
    """`peer` with a map: `local all anna peer map=desk`, `user=anna` in the URL"""
    return outcome(it.search(it.host.address("&user=anna")), it.search(it.host.address("&user=cv-ldap")))


def scram(it):
    """`scram-sha-256` over TLS, with `~/.pgpass` (mode 600); a wrong password there"""
    it.password_file(WORD)
    opened = it.search(it.network("scram"))
    it.password_file("wrong")
    return outcome(opened, it.search(it.network("scram")))


def cert(it):
    """`cert`: `sslcert` and `sslkey` in the URL, or `~/.postgresql/postgresql.crt`; a certificate of another authority"""
    def pair(name):
        return f"&sslcert={it.host.path('tls', name + '.crt')}&sslkey={it.host.path('tls', name + '.key')}"
    return outcome(it.search(it.network("cert", pair("client"))), it.search(it.network("cert", pair("stranger"))))


def gss(it):
    """`gss` (Kerberos): a ticket by `kinit`, or one that sshd was delegated (`KRB5CCNAME`); none, and another's"""
    def ticket(name):
        cache = it.host.path("home", DESK, "ticket-" + name)
        run("kinit", "-c", cache, name, input=WORD + "\n")
        shutil.chown(cache, DESK)
        return {"KRB5CCNAME": "FILE:" + cache}
    opened = it.search(it.network("gss"), **ticket(ROLES["gss"]))
    return outcome(opened, it.search(it.network("gss")), it.search(it.network("gss"), **ticket("stranger")))


def ldap(it):
    """`ldap` over TLS, with `~/.pgpass`; a wrong password there"""
    it.password_file(WORD)
    opened = it.search(it.network("ldap"))
    it.password_file("wrong")
    return outcome(opened, it.search(it.network("ldap")))


def command(it):
    """`scram-sha-256` over TLS, with a `password_command` that sets another password each time it is asked; one that is refused"""
    script = it.host.write(f"#!/bin/sh\n'{tool('psql')}' -X -A -t -h '{it.host.path('socket')}' -d postgres -c 'SELECT new_token()'\n",
                           "token", mode=0o755)
    opened = it.by_command(script)
    again = it.by_command(script)
    if again[0] != 0:
        raise Surprise(f"the second time it ended with {again[0]}: {again[1]}")
    return outcome(opened, it.by_command("/bin/echo", "wrong"))


def broken_command(it):
    """… one that fails, and one that is not there"""
    failed, missing = it.by_command("/bin/ls", "/no-such-place/x"), it.by_command("/no-such-place/x")
    if (failed[0], missing[0]) != (69, 78) or "No such file" not in failed[1] or "cannot be started" not in missing[1]:
        raise Surprise(f"they ended with {failed} and {missing}")
    return f"exit codes 69 and 78: “{' '.join(failed[1].split(': ', 1)[1].split())}”"


TRIALS = [peer, mapped, scram, cert, gss, ldap, command, broken_command]
