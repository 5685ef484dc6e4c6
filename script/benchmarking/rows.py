"""The measurements, one function for each group of rows."""

import json
import os
import subprocess
import threading
import time

from cluster import ROOT, tool
from report import median, p99
from terminal import DOWN, ENTER, PAGE_DOWN, Terminal

# Debian's /usr/bin/psql is a wrapper in Perl, which would make the comparison too easy.
PSQL = tool("psql")
PYTHON = os.path.join(ROOT, ".build/venv/bin/python")
WORDS = ["chloé dubois", "carter", "example", "org", "ca", "la", "k", "e", "zzznothing", "田中", "jose", "françois", "o'connor"]

ALIKE = ["cartre", "francios", "smirnof", "dvorhak", "shaefer", "смрнов", "zelesnka", "emily cartre", "meyer", "xqzzyk", "emily.cartr7@example.org",
         "whitfeld-hughes"]


class Bench:
    def __init__(self, cluster, report, databases):
        self.cluster, self.report, self.databases = cluster, report, databases
        self.program = cluster.binary
        self.emails = {d: [e for e, in cluster.sql("SELECT email FROM users_convonet ORDER BY email LIMIT 60", d)] for d in databases}
        self.last_row = {}

    def rare(self, database):
        """A word that few have: what stands before the @ in somebody's address."""
        return self.cluster.sql("SELECT split_part(email, '@', 1) FROM users_convonet ORDER BY id LIMIT 1", database)[0][0]

    def seconds(self, command, database, stdin=None, stdout=subprocess.DEVNULL):
        start = time.perf_counter()
        result = subprocess.run(command, env=self.cluster.environment(database) | self.python_address(database), input=stdin,
                                stdout=stdout, stderr=subprocess.PIPE, text=stdin is not None)
        if result.returncode:
            raise SystemExit(f"benchmark: {command} failed: {result.stderr}")
        return time.perf_counter() - start

    def python_address(self, database):
        return {"DATABASE_URL": f"postgresql+psycopg2://convonet@127.0.0.1:{self.cluster.port}/{database}"}

    def psql(self, database="million"):
        return self.seconds([PSQL, "-X", "-h", self.cluster.directory, "-p", str(self.cluster.port), "-U", "convonet",
                             "-c", "select 1", database], database)

    def console(self, database="million", port=None, columns=100):
        return Terminal(self.program, [], self.cluster.environment(database, port), columns)

    def opened(self, database="million", port=None, columns=100):
        """A console with its first page on the screen, and the seconds until then."""
        terminal = self.console(database, port, columns)
        # Beside the preview an address may be cut after the @.
        at = terminal.wait(self.bottom(database).split("@")[0].encode())
        return terminal, at - terminal.start

    def bottom(self, database):
        """An e-mail address in one of the last rows of the first page."""
        if database not in self.last_row:
            terminal = self.console(database)
            terminal.wait(self.emails[database][0].encode())
            terminal.settle(0.5)
            shown = [e for e in self.emails[database] if e.encode() in terminal.text()]
            terminal.close()
            # Not the very last: it may be painted in pieces around what was there.
            self.last_row[database] = shown[-3]
        return self.last_row[database]

    def micro(self, *arguments, database="million"):
        result = subprocess.run([os.path.join(os.path.dirname(self.program), "MicroBenchmarks"), *arguments], env=self.cluster.environment(database), capture_output=True, text=True)
        if result.returncode:
            raise SystemExit("benchmark: MicroBenchmarks failed:\n" + result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]


class Proxy:
    """The server behind a link: `delay` seconds in each direction."""

    def __init__(self, cluster, delay):
        self.port = cluster.port + 1
        self.process = subprocess.Popen(
            ["python3", os.path.join(os.path.dirname(__file__), "proxy.py"), str(self.port), str(cluster.port), str(delay)],
            stdout=subprocess.PIPE)

    def __enter__(self):
        self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def search_without_index(bench):
    for found in bench.micro("searches", bench.rare("million"), "example", "carter"):
        bench.report.add(f"Search without the index, “{found['text']}”", found["ours_ms"], note="at most a scan of the table")


def build_index(bench):
    for database in bench.databases:
        start = time.perf_counter()
        bench.cluster.program(database, "migrate", "--search-index", "--yes")
        size, = bench.cluster.sql("SELECT pg_relation_size('convonet_admin_search') / 1048576", database)[0]
        bench.report.add(f"Building the search index, {database}", time.perf_counter() - start, unit="s", note=f"{size} MB")


def start(bench):
    ours, psql = [], []
    bench.bottom("million")
    for _ in range(25):
        psql.append(bench.psql())
        terminal, seconds = bench.opened()
        ours.append(seconds)
        terminal.close()
    ratio = median(ours) / median(psql)
    bench.report.add("Start to the first full page, beside psql", ratio, 3, "times",
                     note=f"{median(ours) * 1000:.1f} ms (p99 {p99(ours) * 1000:.1f}), psql {median(psql) * 1000:.1f} ms")


def show(bench):
    email = bench.emails["million"][20]
    ours, psql = [], []
    for _ in range(30):
        psql.append(bench.psql())
        ours.append(bench.seconds([bench.program, "show", email], "million"))
    bench.report.add("show ACCOUNT, beside psql", median(ours) / median(psql), 2.5, "times",
                     note=f"{median(ours) * 1000:.1f} ms (p99 {p99(ours) * 1000:.1f}), psql {median(psql) * 1000:.1f} ms")


def cursor(bench):
    for name, delay in (("", None), (", the preview beside", None), (", link of 50 ms", 0.025)):
        if delay is None:
            held(bench, name, None, columns=130 if name else 100)
        else:
            with Proxy(bench.cluster, delay) as proxy:
                held(bench, name, proxy.port)


def held(bench, name, port, columns=100):
    terminal, _ = bench.opened(port=port, columns=columns)
    terminal.settle(0.5)
    times = []
    for step in range(5000):
        terminal.clear()
        sent = terminal.send(DOWN)
        at = terminal.read(2)
        if at is None:
            raise SystemExit(f"benchmark: nothing was painted for cursor key {step}")
        times.append((at - sent) * 1000)
        # 200 keys a second: more than any keyboard's repetition.
        while terminal.read(sent + 0.005 - time.perf_counter()) is not None:
            pass
    bench.report.add(f"Cursor key to painted row, 5,000 rows, p99{name}", p99(times), 5,
                     note=f"median {median(times):.2f}, worst {max(times):.2f} ms")
    bench.report.add(f"Memory of the console afterwards{name}", terminal.resident(), 24, "MiB")
    terminal.close()


def searches(bench):
    for found in bench.micro("searches", bench.rare("million"), *WORDS):
        bar = min(50, 1.5 * found["best_ms"] + 2)
        bench.report.add(f"Search “{found['text']}”", found["ours_ms"], bar,
                         note=f"best by hand {found['best_ms']:.1f} ms ({found['best']}); p99 {found['ours_p99_ms']:.1f}")


def alike(bench):
    """Words that nobody has, most of them meant for somebody; each beside its own exact search, in turn."""
    for found in bench.micro("alike", *ALIKE):
        bench.report.add(f"Nobody has “{found['text']}”: who is alike", found["ours_ms"], 60,
                         note=f"{found['rows']} people, first {found['first']}; exact search {found['exact_ms']:.1f} ms, "
                              f"{found['ours_ms'] / found['exact_ms']:.1f} times; p99 {found['ours_p99_ms']:.1f}")


def typing(bench):
    late, most = [], 0
    letters = bench.rare("million")[-10:].encode()
    connection = bench.cluster.connect("million", "postgres")
    stop, is_typing = threading.Event(), threading.Event()

    # Of the list, that is: what waits for approval is asked once a second, whoever types.
    def watch():
        nonlocal most
        with connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'convonet-admin%' AND state = 'active'"
                               " AND query LIKE '%convonet_admin.account%'")
                found = cursor.fetchone()[0]
                if is_typing.is_set():
                    most = max(most, found)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(5):
        terminal, _ = bench.opened()
        terminal.settle(0.3)
        terminal.send(b"/")
        terminal.settle(0.1)
        is_typing.set()
        for index in range(len(letters)):
            sent = terminal.send(letters[index:index + 1])
            while index < len(letters) - 1 and terminal.read(sent + 1 / 15 - time.perf_counter()) is not None:
                pass
        at = terminal.settle(0.3)
        is_typing.clear()
        late.append(0 if at is None else (at - sent) * 1000)
        terminal.close()
    stop.set()
    watcher.join()
    bench.report.add("Typing ten letters: last key to the final screen", median(late), 60, note=f"worst {max(late):.1f} ms")
    bench.report.add("Typing ten letters: queries running at once", most, 1, "queries")


def growth(bench):
    middle = {d: bench.cluster.sql("SELECT email FROM users_convonet ORDER BY id LIMIT 1", d)[0][0] for d in bench.databases}
    starts, shows, memory, jumps, rare = ({d: [] for d in bench.databases} for _ in range(5))
    for database in bench.databases:
        bench.bottom(database)
    # Turn by turn, so that what else the server does, such as vacuuming after the groups before, is in all of them.
    for _ in range(10):
        for database in bench.databases:
            terminal, seconds = bench.opened(database)
            starts[database].append(seconds * 1000)
            # The count of the people comes after the page, and is not to be taken for a part of the next one.
            terminal.settle(0.3)
            terminal.clear()
            sent = terminal.send(b"G")
            jumps[database].append((terminal.settle(0.2) - sent) * 1000)
            terminal.send(b"g")
            terminal.settle(0.1)
            memory[database].append(terminal.resident())
            terminal.close()
            shows[database].append(bench.seconds([bench.program, "show", middle[database]], database) * 1000)
    for _ in range(3):
        for database in bench.databases:
            rare[database].append(bench.micro("searches", bench.rare(database), database=database)[0]["ours_ms"])
    first, last = bench.databases[0], bench.databases[-1]
    names = ["first page", "a page at the end", "rare search", "show", "memory of the console"]
    for name, values in zip(names, [starts, jumps, rare, shows, memory]):
        series = ", ".join(f"{d} {median(values[d]):.1f}" for d in bench.databases)
        bench.report.add(f"Growth from {first} to {last}: {name}", median(values[last]) / median(values[first]), 1.5, "times", note=series)


def terminal_bytes(bench):
    terminal, _ = bench.opened()
    terminal.settle(0.5)
    bench.report.add("Bytes: start", terminal.bytes, 6000, "bytes")

    def step(keys):
        terminal.clear()
        terminal.send(keys)
        terminal.settle(0.05)
        return terminal.bytes

    bench.report.add("Bytes: cursor step, most of 15", max(step(DOWN) for _ in range(15)), 320, "bytes")
    for _ in range(30):
        step(DOWN)
    bench.report.add("Bytes: step that scrolls, most of 30", max(step(DOWN) for _ in range(30)), 450, "bytes")
    bench.report.add("Bytes: page, most of 10", max(step(PAGE_DOWN) for _ in range(10)), 4000, "bytes")
    terminal.close()
    # Whoever may ask for approval or decide is told within a second what waits; who may only look is not.
    terminal = Terminal(bench.program, [], bench.cluster.environment("million", user="onlooker"))
    terminal.wait(bench.bottom("million").encode())
    terminal.settle(0.5)
    terminal.clear()
    # Threads that the last answers left idle end after some seconds.
    terminal.settle(8)
    before = terminal.switches()
    terminal.settle(5)
    after = terminal.switches()
    bench.report.add("Bytes in idle seconds", terminal.bytes, 0, "bytes")
    woken = {t[0]: after[t] - before.get(t, 0) for t in after if after[t] != before.get(t, 0)}
    # The list is read anew every ten seconds, which wakes it three times.
    bench.report.add("Wake-ups in five idle seconds", sum(woken.values()), 4, "times",
                     note=", ".join(f"thread {name}: {count}" for name, count in woken.items()))
    terminal.close()


def reset(bench):
    emails = [e for e, in bench.cluster.sql(
        "SELECT email FROM users_convonet WHERE password_hash LIKE '$2%' AND is_active ORDER BY id LIMIT 40", "million")]
    ours, python, bcrypt = [], [], []
    for number in range(12):
        bcrypt.append(bench.micro("bcrypt")[0]["median_us"] / 1000)
        python.append(bench.seconds([PYTHON, os.path.join(os.path.dirname(__file__), "python_way.py"), emails[number]],
                                    "million", stdin="correct-horse-staple\n") * 1000)
        ours.append(bench.seconds([bench.program, "reset-password", emails[number + 20], "--stdin", "--yes"], "million",
                                  stdin="correct-horse-staple\n") * 1000)
    note = f"{median(ours):.0f} ms, bcrypt {median(bcrypt):.0f}, Python {median(python):.0f} ms"
    bench.report.add("Reset by command, beyond bcrypt's own time", median(ours) - median(bcrypt), 40, note=note)
    bench.report.add("Reset by command, beside the Python script", median(ours) / median(python), 0.6, "times")


def far_away(bench):
    with Proxy(bench.cluster, 0.05) as proxy:
        connecting = median([bench.seconds(
            [PSQL, "-X", "-h", "127.0.0.1", "-p", str(proxy.port), "-U", "convonet", "-c", "", "million"], "million") for _ in range(5)])
        trips = {"start, beyond connecting": [], "search": [], "opening a person": []}
        for _ in range(5):
            terminal, seconds = bench.opened(port=proxy.port)
            trips["start, beyond connecting"].append((seconds - connecting) / 0.1)
            terminal.settle(0.5)
            terminal.send(b"/")
            terminal.settle(0.2)
            terminal.clear()
            # Pasted, and so one search: of typed letters each waits until the server has let go of the one before.
            sent = terminal.send(b"\x1b[200~carter\x1b[201~")
            trips["search"].append((first_rows(terminal) - sent) / 0.1)
            terminal.settle(0.6)
            terminal.clear()
            sent = terminal.send(ENTER)
            trips["opening a person"].append((terminal.wait(b"Nothing yet") - sent) / 0.1)
            terminal.close()
    for name, bar in (("start, beyond connecting", 2), ("search", 1), ("opening a person", 1)):
        bench.report.add(f"Round trips of 100 ms: {name}", median(trips[name]), bar + 0.5, "trips", note=f"at most {bar}, and half a one for the work")


def first_rows(terminal):
    """When the list was painted anew: the search line alone takes fewer bytes."""
    while terminal.bytes < 500:
        at = terminal.read(10)
        if at is None:
            raise SystemExit("benchmark: the search found no answer:\n" + terminal.text().decode(errors="replace"))
    return at


def listing(bench):
    columns = "id, email, username, first_name, last_name, sign_in, external_marker, has_voice_pin, is_active, is_verified, created_at, updated_at, last_login_at, version"
    ours, copy = [], []
    path = os.path.join(bench.cluster.directory, "out")
    for _ in range(3):
        with open(path, "w", encoding="utf-8") as file:
            copy.append(bench.seconds(
                [PSQL, "-X", "-q", "-h", bench.cluster.directory, "-p", str(bench.cluster.port), "-U", "convonet", "-c",
                 f"COPY (SELECT {columns} FROM convonet_admin.accounts) TO STDOUT", "million"], "million", stdout=file))
        with open(path, "w", encoding="utf-8") as file:
            process = subprocess.Popen([bench.program, "list", "--json"], env=bench.cluster.environment("million"), stdout=file)
            begin = time.perf_counter()
            _, status, usage = os.wait4(process.pid, 0)
            ours.append(time.perf_counter() - begin)
            if status:
                raise SystemExit("benchmark: list --json failed")
    os.unlink(path)
    bench.report.add("list --json of a million, speed beside COPY", median(copy) / median(ours), 0.5, "times", at_least=True,
                     note=f"{median(ours):.1f} s, COPY {median(copy):.1f} s")
    bench.report.add("list --json of a million, memory", usage.ru_maxrss / 1024, 64, "MiB")


def log(bench):
    events = 100_000
    # As the schema's owner would, whom no budget holds back; in short transactions, as in life: each event in one transaction
    # makes the next slower.
    bench.cluster.sql(f"""
        DO $$
        DECLARE
            event convonet_admin.audit_event;
        BEGIN
            SELECT (convonet_admin.about_person(
                convonet_admin.new_event('reset_password', gen_random_uuid(),
                    '{{"operator": "anna", "host": "desk-3", "tty": "/dev/pts/4", "reason": "forgot it"}}'),
                a.id, a.email, a.username)).* INTO event FROM convonet_admin.accounts a LIMIT 1;
            event.outcome := 'refused';
            event.rule := 'password_too_short';
            FOR i IN 1..{events} LOOP
                event.event_id := gen_random_uuid();
                event.request_id := gen_random_uuid();
                PERFORM convonet_admin.append_to_head(event);
                IF i % 100 = 0 THEN COMMIT; END IF;
            END LOOP;
        END $$""", "million", user="postgres")
    count, = bench.cluster.sql("SELECT count(*) FROM convonet_admin.audit_event", "million")[0]
    speeds = []
    for _ in range(5):
        process = subprocess.Popen([bench.program, "audit", "verify"], env=bench.cluster.environment("million"),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begin = time.perf_counter()
        _, status, usage = os.wait4(process.pid, 0)
        speeds.append(count / (time.perf_counter() - begin))
        if status:
            raise SystemExit("benchmark: audit verify failed")
    bench.report.add("audit verify, whole program", median(speeds), 200_000, "events/s", at_least=True, note=f"{count} events")
    bench.report.add("audit verify, memory", usage.ru_maxrss / 1024, 64, "MiB")


def parts(bench):
    for found in bench.micro("parts"):
        bench.report.add(f"Part: {found['name']}", found["median_us"], unit="µs", note=f"p99 {found['p99_us']:.1f}")


GROUPS = [search_without_index, build_index, start, show, terminal_bytes, cursor, searches, alike, typing, reset, far_away, log, parts,
          listing, growth]
