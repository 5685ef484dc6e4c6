import ConvonetCore
import Glibc
import MachineChecks
import SchemaMaintenance
import TestPrograms
import Testing

@testable import AdminCommands

/// Each advice of doctor on settings and machine, followed as it is written, ends in a run that finds nothing of the kind.
@Suite struct MachineAdviceTests {
    /// What the program finds with this environment, by the check's name.
    private func finding(
        _ check: String, _ arguments: [String] = [], environment: [String: String], under limit: String = "true"
    ) async throws -> (result: String, mend: String) {
        let output = try TemporaryFile()
        _ = try await StartedProgram(
            ["-c", "\(limit); exec \"$0\" doctor --json \"$@\"", StartedProgram.path] + arguments,
            environment: environment.merging(["DB_PORT": "1"]) { $1 }, descriptors: [0, output.descriptor],
            executable: "/bin/bash"
        ).wait()
        for line in output.text().split(separator: "\n") {
            let object = try JSONReading(String(line))
            if object.text("check") == check {
                return (try #require(object.text("result")), object.text("mend") ?? "")
            }
        }
        throw NotFound()
    }

    private struct NotFound: Error {}

    /// Runs an advice that is a command.
    private func follow(_ advice: String) async throws {
        #expect(advice.hasPrefix("chmod "))
        let status = try await StartedProgram(["-c", advice], environment: [:], executable: "/bin/sh").wait()
        #expect(status == 0)
    }

    /// The variable and the value in an advice.
    private func variable(_ name: String, in advice: String) throws -> [String: String] {
        let start = try #require(advice.firstRange(of: "export \(name)=")?.upperBound, "\(advice)")
        return [
            name: String(advice[start...].prefix { $0 != "," && $0 != " " && $0 != "." || $0 == "." && name == "LANG" })
        ]
    }

    @Test(arguments: [0o666, 0o644, 0o620] as [mode_t]) func aSettingsFileThatIsOpen(mode: mode_t) async throws {
        let directory = try AuditCommandTests.Directory()
        let path = try directory.write("[database]\nurl = \"postgresql://anna:x@127.0.0.1:1/x\"\n", to: "config.toml")
        chmod(path, mode)
        let first = try await finding("settings", ["--config", path], environment: [:])
        #expect(first.result != "ok")
        try await follow(first.mend)
        // Where it holds a password too, one advice follows the other.
        let second = try await finding("settings", ["--config", path], environment: [:])
        if second.result != "ok" { try await follow(second.mend) }
        #expect(try await finding("settings", ["--config", path], environment: [:]).result == "ok")
    }

    @Test(arguments: [0o640, 0o604] as [mode_t]) func aPasswordFileThatIsOpen(mode: mode_t) async throws {
        let directory = try AuditCommandTests.Directory()
        let environment = ["PGPASSFILE": try directory.write("*:*:*:*:x\n", to: "pass")]
        chmod(directory.file("pass"), mode)
        let found = try await finding("pgpass", environment: environment)
        #expect(found.result == "warning")
        try await follow(found.mend)
        #expect(try await finding("pgpass", environment: environment).result == "ok")
    }

    @Test func aPasswordFileThatIsNotThere() async throws {
        let found = try await finding("pgpass", environment: ["PGPASSFILE": "/nonexistent/pass"])
        #expect(found.mend == "Correct or unset it.")
        await #expect(throws: NotFound.self) { try await finding("pgpass", environment: [:]) }
    }

    @Test(arguments: ["C", "", "de_DE.ISO-8859-1"]) func aLocaleThatIsNotUTF8(name: String) async throws {
        let found = try await finding("locale", environment: ["LANG": name])
        #expect(found.result == "warning")
        #expect(try await finding("locale", environment: variable("LANG", in: found.mend)).result == "ok")
    }

    @Test func tooLittleMemoryThatMayBeLocked() async throws {
        let found = try await finding("locked-memory", environment: [:], under: "ulimit -l 16")
        #expect(found.result == "warning" && found.mend.contains("memlock to 64 KiB"))
        #expect(try await finding("locked-memory", environment: [:], under: "ulimit -l 64").result == "ok")
    }

    @Test(arguments: ["", "dumb", "no-such-terminal"]) func aTerminalThatIsUnknown(type: String) async throws {
        func run(_ environment: [String: String]) async throws -> String {
            let run = try TerminalRun(["doctor"], environment: environment.merging(["DB_PORT": "1"]) { $1 })
            _ = await run.wait()
            return try #require(run.transcript.split(whereSeparator: \.isNewline).first { $0.contains(" terminal: ") })
                .description
        }
        let found = try await run(["TERM": type])
        #expect(found.hasPrefix("WARNING"))
        #expect(try await run(variable("TERM", in: found)).hasPrefix("ok"))
    }

    /// The place alone is another one: this machine's own is not ours to make.
    @Test func nobodyListensForTheLog() async throws {
        let directory = try AuditCommandTests.Directory()
        var machine = MachineExamination(environment: [:], logSocket: directory.file("log"))
        func found() -> Finding? { machine.findings().first { $0.check == "syslog" } }
        #expect(found()?.grade == .warning && found()?.mend?.contains("Run rsyslog or systemd-journald") == true)
        machine.logSocket = try directory.write("", to: "log")
        #expect(found()?.grade == .ok)
    }
}
