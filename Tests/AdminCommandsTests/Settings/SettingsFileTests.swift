import ConvonetCore
import ProgramStart
import TestDatabase
import Testing

@testable import AdminCommands

@Suite struct SettingsFileTests {
    private func parse(_ text: String) throws -> Settings {
        try Settings(SettingsDocument(parsing: text, path: "test.toml"), environment: [:])
    }

    private func line(of text: String) -> Int? {
        do throws(SettingsError) {
            _ = try Settings(SettingsDocument(parsing: text, path: "test.toml"), environment: [:])
            return nil
        } catch {
            return switch error {
            case .malformed(_, let line, _), .unknownKey(_, let line, _), .sameDatabase(_, let line, _, _): line
            default: nil
            }
        }
    }

    /// The example's settings as (table, key, line without #), those not set too.
    private func exampleSettings() throws -> [(table: String, key: String, line: String)] {
        var table = ""
        var found: [(String, String, String)] = []
        for line in try example().split(separator: "\n") {
            if line.hasPrefix("[") { table = String(line.dropFirst().prefix { $0 != "]" }) }
            if let match = line.firstMatch(of: /^#?([a-z_]+) = .*/) {
                found.append((table, String(match.1), String(line.drop { $0 == "#" })))
            }
        }
        return found
    }

    private func example() throws -> String {
        String(decoding: try SourceTree.contents(of: SourceTree.root + "/config.example.toml"), as: UTF8.self)
    }

    /// The parser takes these for a defect of its own and ends the process.
    @Test(arguments: [
        "[\ndatabase]\n", "x = 1\n[[ \r\ndatabase]]", "[\u{85}database]", "[", "\u{A0}[\u{2028}a]", "[#database]",
        "[.database]",
        "  [[ =a]]", "[\u{FFFD}database]", "[été]", "[[[database]]]", "[ [database]]", "\u{FEFF}[", "[\u{308}database]",
    ]) func aSectionWithoutANameIsRefused(text: String) throws {
        let error = try #require(throws: SettingsError.self) {
            _ = try SettingsDocument(parsing: text, path: "test.toml")
        }
        let line = text.hasPrefix("x") ? 2 : 1
        #expect(error.description.contains("line \(line): no name follows the “[”"), "\(error)")
    }

    @Test func aLineIsCountedWhateverEndsIt() throws {
        let text = "# one\r\n[database]\r\nhosst = \"x\"\r\n"
        let error = try #require(throws: SettingsError.self) {
            _ = try SettingsDocument(parsing: text, path: "test.toml")
        }
        #expect(error.description.contains("line 3"))
    }

    @Test func theExampleIsTheDefaults() throws {
        #expect(try parse(try example()) == Settings())
    }

    @Test func theExampleHasEveryKeyAndNoOther() throws {
        let found = try exampleSettings()
        let known = SettingsDocument.keys.flatMap { table, keys in keys.map { "\(table).\($0)" } }
        #expect(found.map { "\($0.table).\($0.key)" }.sorted() == known.sorted())
        for (table, _, line) in found {
            #expect(throws: Never.self) { try parse("[\(table)]\n\(line)\n") }
        }
    }

    @Test func everyErrorNamesItsLine() {
        #expect(line(of: "[database]\nhots = \"x\"\n") == 2)
        #expect(line(of: "\n\n[databse]\nhost = \"x\"\n") == 3)
        #expect(line(of: "[database]\nhost = \"x\"\nport = \"5432\"\n") == 3)
        #expect(line(of: "[database]\nport = 70000\n") == 2)
        #expect(line(of: "[database]\nallow_unencrypted = 1\n") == 2)
        #expect(line(of: "[database]\n\nhost = 5\n") == 3)
        #expect(line(of: "[appearance]\ncolor = \"blue\"\n") == 2)
        #expect(line(of: "[dictation]\nalphabet = \"ICAO\"\n") == 2)
        #expect(line(of: "[dictation]\nalphabet = \"icao\"\npasswords = \"phrases\"\n") == 3)
        #expect(line(of: "[schema]\nusers_table = \"a b\"\n") == 2)
        #expect(line(of: "[schema]\nrole_prefix = \"Ab-\"\n") == 2)
        #expect(line(of: "[database]\nhost = \n") == 2)
        #expect(line(of: "[database]\nurl = \"x\"\nhost = \"y\"\n") == 2)
        #expect(line(of: "database = 1\n") != 0)
    }

    @Test func partsBecomeAnAddress() throws {
        let file = try parse("[database]\nhost = \"db\"\nport = 5433\nname = \"it's\"\nuser = \"a\\\\b\"\n")
        #expect(file.database.connectionString == #"host='db' port='5433' dbname='it\'s' user='a\\b'"#)
    }

    @Test func anErrorIsExit78AndNamesFileAndLine() async throws {
        let path = "/tmp/convonet-admin-test-settings.toml"
        let missing = try await CommandRun(["list", "--config", path + ".none"])
        #expect(missing.status == 78)
        #expect(missing.errors.contains(path + ".none"))
        let directory = try await CommandRun(["list"], environment: ["CONVONET_ADMIN_CONFIG": "/tmp"])
        #expect(directory.status == 78)
    }
}
