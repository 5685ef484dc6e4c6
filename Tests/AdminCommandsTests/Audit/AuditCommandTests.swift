import ConvonetCore
import Glibc
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct AuditCommandTests {
    /// A directory of a test's own, removed with what is in it.
    final class Directory {
        let path: String

        init() throws {
            var name = Array("/tmp/audit-XXXXXX".utf8CString)
            try #require(mkdtemp(&name) != nil)
            path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit {
            for name in names { unlink(file(name)) }
            rmdir(path)
        }

        var names: [String] {
            guard let directory = opendir(path) else { return [] }
            defer { closedir(directory) }
            var names: [String] = []
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { names.append(name) }
            }
            return names.sorted()
        }

        func file(_ name: String) -> String { path + "/" + name }

        func write(_ text: String, to name: String) throws -> String {
            let stream = try #require(fopen(file(name), "w"))
            fputs(text, stream)
            fclose(stream)
            return file(name)
        }
    }

    private func logged(_ count: Int = 3) async throws -> TestDatabase {
        let database = try await TestDatabase.make()
        let email = try await database.person()
        for number in 1...count {
            let run = try await CommandRun(
                database,
                ["reset-pin", email, "--generate", "--yes", "--ticket", "T-\(number)", "--reason", "=cmd|'/C calc'!A0"])
            #expect(run.status == 0)
        }
        return database
    }

    private func audit(_ database: TestDatabase, _ arguments: [String], input: String = "") async throws -> CommandRun {
        try await CommandRun(database, as: .auditor, ["audit"] + arguments, input: input)
    }

    @Test func listsAreFiltered() async throws {
        let database = try await logged()
        func sequences(_ arguments: [String]) async throws -> [JSONReading.Value?] {
            try await audit(database, ["list", "--json"] + arguments).objects.map { $0["sequence"] }
        }
        #expect(try await sequences(["--ticket", "T-2"]) == [.number("2")])
        #expect(try await sequences(["--limit", "2"]) == [.number("3"), .number("2")])
        #expect(try await sequences(["--operator", TestDatabase.User.operator.rawValue]).count == 3)
        #expect(try await sequences(["--operator", "nobody"]).isEmpty)
        #expect(try await sequences(["--search", "t-2"]) == [.number("2")])
        #expect(try await sequences(["--search", "cmd|'/C CALC t-3"]) == [.number("3")])
        #expect(try await sequences(["--search", "1"]) == [.number("1")])
        #expect(try await sequences(["--search", "t-", "--limit", "1"]) == [.number("3")])
        #expect(try await sequences(["--search", "t-4"]).isEmpty)
        let wordless = try await audit(database, ["list", "--search", "  "])
        #expect(wordless.status == 64 && wordless.errors.contains("--search needs at least one word"))
        #expect(
            try await sequences(["--since", "1h", "--until", "2099-01-01T00:00:00+02:00", "--outcome", "done"]).count
                == 3)
        #expect(try await sequences(["--until", "1h"]).isEmpty)
        #expect(
            try await sequences(["--account", try await database.person(), "--action", "issue_voice_pin"]).count == 3)
        #expect(try await audit(database, ["list", "--account", "gone@example.org"]).status == 0)
        let unknown = try await audit(database, ["list", "--action", "reset-password"])
        #expect(
            unknown.status == 64
                && unknown.errors.contains("--action must be one of reset_password, issue_reset_code, issue_voice_pin"))
        #expect(try await audit(database, ["export", "--action", "reset"]).status == 64)
        for wrong in [["--since", "yesterday"], ["--until", "2026-02-30"], ["--outcome", "good"], ["--limit", "0"]] {
            #expect(try await audit(database, ["list"] + wrong).status == 64)
        }
    }

    @Test func exportsAreWholePrivateAndNeverOverwrite() async throws {
        let database = try await logged()
        let directory = try Directory()
        let path = directory.file("log.csv")
        let run = try await audit(database, ["export", "--format", "csv", "--output", path])
        #expect(run.status == 0 && run.output.isEmpty)
        var state = stat()
        #expect(stat(path, &state) == 0 && state.st_mode & 0o777 == 0o600)
        let text = String(decoding: try SourceTree.contents(of: path), as: UTF8.self)
        let records = text.split(separator: "\r\n")
        #expect(records.count == 4 && records[1].contains(",\"'=cmd|'/C calc'!A0\",\"T-1\","))
        let again = try await audit(database, ["export", "--output", path])
        #expect(again.status == 65 && again.errors.contains("not overwritten"))
        #expect(String(decoding: try SourceTree.contents(of: path), as: UTF8.self) == text)

        let marked = try await audit(database, ["export", "--format", "csv", "--bom", "--output", "-"])
        #expect(marked.status == 0 && marked.output == AuditCSV.byteOrderMark + text)
        #expect(try await audit(database, ["export", "--bom"]).status == 64)

        let begun = try directory.write("begun", to: "begun.partial")
        #expect(try await audit(database, ["export", "--output", directory.file("begun")]).status == 65)
        #expect(String(decoding: try SourceTree.contents(of: begun), as: UTF8.self) == "begun")
        unlink(begun)

        let lines = try await audit(database, ["export", "--ticket", "T-3"]).objects
        #expect(lines.map { $0["sequence"] } == [.number("3")])
        #expect(try await audit(database, ["export", "--format", "xml"]).status == 64)
        #expect(try await audit(database, ["export", "--json", "--format", "csv"]).status == 64)
        let stranger = try await CommandRun(database, ["audit", "export", "--output", directory.file("other")])
        #expect(stranger.status == 77 && directory.names == ["log.csv"])
    }

    @Test func whoeverDidItIsTheDatabaseUserAndAClaimIsOne() async throws {
        let database = try await logged(1)
        let user = TestDatabase.User.operator.rawValue
        let list = try await audit(database, ["list"])
        let claimed = try await database.sql("SELECT operator FROM convonet_admin.audit_event")
        #expect(list.output.contains("by \(user) (claims system user \(claimed))"))
        let shown = try await audit(database, ["show", "1"])
        #expect(shown.output.contains("database user \(user); claims system user \(claimed)"))
    }

    @Test func aSignedCheckpointShowsWhatTheChainCannot() async throws {
        let database = try await logged(4)
        let directory = try Directory()
        let (head, signature) = (directory.file("head.txt"), directory.file("head.txt.sig"))
        let statement = try await audit(database, ["checkpoint"])
        #expect(statement.status == 0 && statement.output.hasPrefix("convonet-admin audit checkpoint, format 1\n"))
        _ = try directory.write(statement.output, to: "head.txt")
        func shell(_ command: String) async -> Int32 {
            system("cd '\(directory.path)' && { \(command); } >/dev/null 2>&1")
        }
        #expect(await shell("ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -q -t ed25519 -N '' -f other") == 0)
        #expect(await shell("ssh-keygen -Y sign -f key -n convonet-admin-audit head.txt") == 0)
        #expect(
            await shell("echo \"auditor@example.org $(cat key.pub)\" > signers; echo \"eve $(cat other.pub)\" > others")
                == 0)
        let proof = ["verify", "--checkpoint", head, "--signature", signature, "--allowed-signers"]
        let signers = directory.file("signers")

        let named = try await audit(database, proof + [signers, "--signer", "auditor@example.org"])
        #expect(named.status == 0 && named.output.contains("Signed by auditor@example.org: nothing up to event 4"))
        #expect(
            try await audit(database, proof + [signers, "--json"]).objects.first?.text("signer")
                == "auditor@example.org")
        let unsigned = try await audit(database, ["verify", "--checkpoint", head])
        #expect(unsigned.status == 0 && unsigned.output.contains("is not signed"))

        for wrong in [[directory.file("others")], [signers, "--signer", "eve"], [directory.file("none")]] {
            #expect(try await audit(database, proof + wrong).status == 65)
        }
        // One that says yes to everything, first in PATH: nobody asks it, unless the settings say so.
        #expect(
            await shell("mkdir bin; printf '#!/bin/sh\\necho eve\\n' > bin/ssh-keygen; chmod 755 bin/ssh-keygen") == 0)
        let settings = try directory.write(
            "[programs]\nssh_keygen = \"\(directory.path)/bin/ssh-keygen\"\n", to: "settings.toml")
        for (extra, status) in [([], Int32(65)), (["--config", settings], 0)] {
            let run = try await CommandRun(
                ["audit"] + proof + [directory.file("others")] + extra,
                environment: [
                    "CONVONET_DB_URI": database.connectionString(.auditor),
                    "PATH": directory.path + "/bin:/usr/bin:/bin",
                ])
            #expect(run.status == status, "\(run.output) \(run.errors)")
        }

        #expect(await shell("sed s/T/U/ head.txt > changed.txt; printf x >> changed.txt") == 0)
        let changed = ["verify", "--checkpoint", directory.file("changed.txt"), "--signature", signature]
        #expect(try await audit(database, changed + ["--allowed-signers", signers]).status == 65)
        #expect(await shell("ssh-keygen -Y sign -f key -n other-purpose < head.txt > purpose.sig") == 0)
        let purpose = ["verify", "--checkpoint", head, "--signature", directory.file("purpose.sig")]
        #expect(try await audit(database, purpose + ["--allowed-signers", signers]).status == 65)

        try await database.sql(
            """
            ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL;
            ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER ALL;
            DELETE FROM convonet_admin.audit_event WHERE sequence = 4;
            UPDATE convonet_admin.audit_head SET (sequence, hash) =
                (SELECT sequence, hash FROM convonet_admin.audit_event WHERE sequence = 3);
            """)
        let blind = try await audit(database, ["verify"])
        #expect(blind.status == 0 && blind.output.contains("Without a checkpoint"))
        let cut = try await audit(database, proof + [signers])
        #expect(cut.status == 65 && cut.output.contains("BROKEN at event 4") && cut.output.contains("cut off"))
        let again = try await audit(database, ["export", "--output", directory.file("log")])
        #expect(again.status == 0)
    }

    @Test func aJournalAccusesAndNeverClears() async throws {
        let database = try await logged(2)
        let hash = String(repeating: "ab", count: 32)
        let name = try await database.sql("SELECT current_database()")
        let log = try await database.sql(
            "SELECT (extract(epoch FROM installed_at) * 1000000)::bigint FROM convonet_admin.installation")
        let line = "x[1]: audit-head format=1 database=\(name) log=\(log) sequence=2 hash=\(hash) outcome=done\n"
        let intent = "audit-intent format=1 database=\(name) log=\(log) request=0f8fad5b-d9cb-469f-a165-70867728950e\n"
        let accused = try await audit(database, ["verify", "--journal", "-"], input: "foreign\n\(line)\(line)")
        #expect(accused.status == 65 && accused.output.contains("anyone can write one"))
        #expect(!accused.output.contains("  event 1,") && accused.output.contains("  event 2"))
        let clear = try await audit(database, ["verify", "--journal", "-"], input: intent)
        #expect(clear.status == 0 && clear.output.contains("0f8fad5b-d9cb-469f-a165-70867728950e"))
        #expect(clear.output.contains("no lines about this log") && clear.output.contains("Without a checkpoint"))
        #expect(try await audit(database, ["verify", "--journal", "/nonexistent"]).status == 65)
    }

    /// A standby without the last events took over, and the log went on: what is missing is listed, with what may be why.
    @Test func whatAFailOverLostIsListed() async throws {
        let database = try await logged(3)
        let log = try await database.sql(
            "SELECT (extract(epoch FROM installed_at) * 1000000)::bigint FROM convonet_admin.installation")
        let lines = try await database.sql(
            """
            SELECT format('convonet-admin[7]: audit-head format=1 database=%s log=\(log) sequence=%s hash=%s request=%s action=%s '
                          'account=%s operator=anna outcome=%s', current_database(), sequence, encode(hash, 'hex'), request_id,
                          action, account_id, outcome) FROM convonet_admin.audit_event ORDER BY sequence
            """)
        let lost = try await database.sql(
            """
            ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL;
            ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER ALL;
            UPDATE convonet_admin.audit_head SET (sequence, hash) =
                (SELECT sequence, hash FROM convonet_admin.audit_event WHERE sequence = 1);
            DELETE FROM convonet_admin.audit_event WHERE sequence > 1 RETURNING request_id;
            """
        ).split(separator: "\n").filter { $0.count == 36 }
        try #require(lost.count == 2)
        let run = try await audit(database, ["verify", "--journal", "-"], input: lines + "\n")
        #expect(run.status == 65 && run.output.contains("A failover to a standby that lacked the last events"))
        for request in lost { #expect(run.output.contains("by anna, account ") && run.output.contains(request)) }
        let json = try await audit(database, ["verify", "--journal", "-", "--json"], input: lines + "\n")
        let object = try #require(try json.objects.first)
        #expect(object["could_be_failover"] == .flag(true))
        guard case .list(let missing) = object["missing"] else { return #expect(Bool(false), "no list") }
        #expect(missing.count == 2)
    }

    @Test func whatDoesNotGoTogetherIsSaid() async throws {
        let database = try await logged(1)
        let directory = try Directory()
        let empty = try directory.write("", to: "empty")
        for wrong in [
            ["--signature", empty], ["--checkpoint", empty, "--signature", empty], ["--signer", "x"],
            ["--since", "2", "--checkpoint", empty], ["--since", "0"], ["--since", "soon"],
        ] {
            #expect(try await audit(database, ["verify"] + wrong).status == 64)
        }
        #expect(try await audit(database, ["verify", "--checkpoint", empty]).status == 65)
        let behind = try await audit(database, ["verify", "--since", "9"])
        #expect(behind.status == 65 && behind.errors.contains("ends before event 9"))
        #expect(try await audit(database, ["verify", "--since", "1"]).status == 0)
        #expect(try await CommandRun(database, ["audit", "checkpoint"]).status == 77)
    }
}
