import EmbeddedPostgres
import Glibc
import OperatingSystem
import PostgresClient
import ProgramStart
import TestDatabase
import TestPrograms
import Testing

/// A command that says the password, on a server that wants another one each time.
@Suite(.dropsDatabases) struct PasswordCommandTests {
    /// A server that takes passwords alone over its port, with a command that changes them.
    private final class Site {
        let cluster: PrivateCluster
        let directory: AuditCommandTests.Directory

        init() async throws {
            cluster = try PrivateCluster.start(.init(listenOnLoopback: 0))
            directory = try AuditCommandTests.Directory()
            try await cluster.sql("CREATE ROLE own LOGIN PASSWORD 'none yet'; CREATE DATABASE c OWNER own;")
        }

        deinit { cluster.stop() }

        /// A script that sets a new password, says it, and notes that it ran.
        func token() throws -> String {
            let psql = try #require(
                ToolRunResult.firstLine([
                    "sh", "-c",
                    "ls \"${CONVONET_PG_BINDIR:-/nonexistent}/psql\" /usr/lib/postgresql/*/bin/psql 2>/dev/null | head -n 1",
                ]))
            return try script(
                """
                echo run >>'\(directory.file("runs"))'
                word="token-$(wc -l <'\(directory.file("runs"))')-$$"
                '\(psql)' -X -q -d "\(cluster.connectionString(database: "postgres"))" -c "ALTER ROLE own PASSWORD '$word'" || exit 9
                echo "$word"
                echo "and more"
                """)
        }

        /// A script's path.
        func script(_ text: String) throws -> String {
            let path = try directory.write("#!/bin/sh\n\(text)\n", to: "command")
            chmod(path, 0o755)
            return path
        }

        /// A settings file for such a command.
        func settings(_ command: String) throws -> String {
            try directory.write(
                "[database]\nurl = \"postgresql://own@127.0.0.1:\(cluster.port)/c\"\npassword_command = [\"\(command)\"]\n",
                to: "config.toml")
        }

        /// How often the script ran.
        var runs: Int {
            get throws { try SourceTree.contents(of: directory.file("runs")).count { $0 == UInt8(ascii: "\n") } }
        }

        func list(_ command: String, _ environment: [String: String] = [:]) async throws -> CommandRun {
            try await CommandRun(["list", "--config", settings(command)], environment: environment)
        }
    }

    @Test func eachConnectionAsksAnew() async throws {
        let site = try await Site()
        let file = try SettingsDocument(reading: site.settings(site.token()))
        let address = try #require(try file.databaseAddress())
        let pool = PostgresPool(
            try ConnectionParameters(address, applicationName: "tests", environment: [:])
                .withPassword(from: file.passwordCommand(of: .top)))
        #expect(try await pool.query("SELECT current_user")[0].text(0) == "own")
        #expect(try site.runs == 1)
        // The first password is void by now: only a new one lets in.
        try await site.cluster.sql(
            "ALTER ROLE own PASSWORD 'changed'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'own'"
        )
        #expect(try await pool.query("SELECT current_user")[0].text(0) == "own")
        #expect(try site.runs == 2)
    }

    /// 78: it came as far as to look for the schema.
    @Test func theProgramGetsIn() async throws {
        let site = try await Site()
        let run = try await site.list(site.token())
        #expect(run.status == 78 && run.errors.contains("convonet-admin migrate"), "\(run.errors)")
        let doctor = try await CommandRun(["doctor", "--config", site.settings(site.directory.file("command"))])
        #expect(doctor.output.contains("Each connection asks \(site.directory.file("command")) for the password."))
        #expect(doctor.output.contains("ok       connection"), "\(doctor.output)")
    }

    @Test func whatGoesWrongIsSaidWithTheNextStep() async throws {
        let site = try await Site()
        for (script, words) in [
            (
                "echo 'no \u{1B}[31mcredentials' >&2; echo more >&2; exit 3",
                "exit code 3, saying “no [31mcredentials”. Run it"
            ),
            ("kill -KILL $$", "was ended by signal 9"), ("true", "is empty"), ("echo; echo word", "is empty"),
            ("printf 'a\\000b\\n'", "a NUL byte"), ("yes", "more than 64 KiB"),
            ("echo Geheim-42; echo 'not Geheim-42' >&2; exit 1", "exit code 1. Run it"),
            ("echo 'Geheim-42 '; echo Geheim-42 >&2; exit 1", "exit code 1. Run it"),
        ] {
            let run = try await site.list(site.script(script))
            #expect(run.status == 69 && run.errors.contains(words), "\(script): \(run.errors)")
            #expect(run.errors.contains("\(site.directory.file("command")) (password_command under [database])"))
            #expect(!run.errors.contains("Geheim") && !run.errors.contains("\u{1B}"))
        }
        let missing = try await site.list("/nonexistent/token")
        #expect(missing.status == 78 && missing.errors.contains("cannot be started: No such file or directory"))
        let wrong = try await site.list(site.script("echo wrong"))
        #expect(wrong.status == 77 && wrong.errors.contains("28P01"), "\(wrong.errors)")
        let twice = try await site.list(site.script("echo wrong"), ["PGPASSWORD": "x"])
        #expect(twice.status == 78 && twice.errors.contains("Unset PGPASSWORD"), "\(twice.errors)")
    }

    @Test func itIsNotWaitedForWithoutEnd() async throws {
        let site = try await Site()
        let run = try await site.list(site.script("echo waiting >&2; sleep 3481 & sleep 3482"))
        #expect(
            run.status == 69 && run.errors.contains("within 10 seconds and was stopped, saying “waiting”"),
            "\(run.errors)")
        #expect(ToolRunResult.firstLine(["pgrep", "-f", "sleep 348[12]"]) == nil)
    }

    /// What the command says belongs into a message, wherever it tries to say it.
    @Test func itDoesNotPaintOnTheTerminal() async throws {
        let site = try await Site()
        let command = try site.script("echo scribble >&2; echo scribble >/dev/tty; echo wrong")
        let run = try TerminalRun(["list", "--config", try site.settings(command)], environment: ["TERM": "xterm"])
        #expect(await run.wait() == 77)
        #expect(run.transcript.contains("28P01") && !run.transcript.contains("scribble"), "\(run.transcript)")
    }

    @Test func whereSSHForcesTheProgramItIsRefused() async throws {
        let site = try await Site()
        let settings = try site.settings(site.token())
        let text = String(decoding: try SourceTree.contents(of: settings), as: UTF8.self)
        let forced = try site.directory.write("\(text)[ssh]\ncommands = [\"list\", \"doctor\"]\n", to: "forced.toml")
        for command in ["list", "doctor"] {
            let run = try await CommandRun(
                ["forced-command", "--config", forced], environment: ["SSH_ORIGINAL_COMMAND": command])
            #expect(run.status == 78, "\(run.errors)")
            #expect((run.output + run.errors).contains("cannot be run where sshd forces this program"), "\(run.output)")
        }
        #expect(throws: (any Error).self) { try site.runs }
    }
}

/// What a program says.
private enum ToolRunResult {
    /// The first line; nil where there is none.
    static func firstLine(_ arguments: [String]) -> String? {
        ToolRun(arguments, input: [], keeping: ["CONVONET_PG_BINDIR"])?.output.split(separator: "\n").first.map(
            String.init)
    }
}
