import Glibc
import ProgramStart
import Testing

@testable import AdminCommands

/// Whose password a command says, and from which file it is taken.
@Suite struct PasswordCommandSettingsTests {
    private static let command = "password_command = [\"/usr/local/bin/token\", \"--user\", \"anna\"]"

    private func settings(
        _ text: String, _ named: String? = nil, _ environment: [String: String] = [:], isOpen: Bool = false
    ) throws(SettingsError) -> Settings {
        let file = try SettingsDocument(parsing: text, path: "test.toml", isOpenToChanges: isOpen)
        let settings = try Settings(file, named: named, environment: environment)
        try settings.checkPlace(environment: environment)
        return settings
    }

    private func fault(
        _ text: String, _ named: String? = nil, _ environment: [String: String] = [:], isOpen: Bool = false
    ) -> String {
        do throws(SettingsError) {
            _ = try settings(text, named, environment, isOpen: isOpen)
            return ""
        } catch {
            return error.description
        }
    }

    private func program(_ text: String, _ named: String? = nil, _ environment: [String: String] = [:]) throws
        -> String?
    {
        try settings(text, named, environment).database.passwordCommand?.program
    }

    @Test func itIsAskedForTheDatabaseThatItIsSetBeside() throws {
        let top = "[database]\nhost = \"db\"\nname = \"convonet\"\n\(Self.command)\n"
        #expect(try program(top) == "/usr/local/bin/token")
        #expect(try program("[database]\n\(Self.command)\n") == "/usr/local/bin/token")
        #expect(
            try program("[database]\nurl = \"postgresql://anna@db/c\"\n\(Self.command)\n") == "/usr/local/bin/token")
        // Another server must not be sent what is for this one.
        for other in ["DATABASE_URL": "postgresql://anna@elsewhere/c", "DB_HOST": "elsewhere"] {
            #expect(try program(top, nil, [other.key: other.value]) == nil)
        }
    }

    @Test func anEnvironmentHasThatOfItsServer() throws {
        let text = """
            [environment]
            name = "production"
            [database]
            host = "db"
            name = "convonet"
            user = "anna"
            \(Self.command)
            [environments.practice.database]
            name = "practice"
            [environments.staging.database]
            host = "stage"
            [environments.other.database]
            url = "postgresql://anna@other/convonet"
            password_command = ["/usr/local/bin/other"]
            [environments.fixed.database]
            name = "fixed"
            password = "Geheim-42"
            """
        #expect(try program(text) == "/usr/local/bin/token")
        #expect(try program(text, "practice") == "/usr/local/bin/token")
        #expect(try program(text, "staging") == nil)
        #expect(try program(text, "other") == "/usr/local/bin/other")
        #expect(try program(text, "fixed") == nil)
        #expect(try settings(text).entering("other").database.passwordCommand?.program == "/usr/local/bin/other")
    }

    /// One that has its own command needs no password of the file's.
    @Test func aCommandOfAnEnvironmentStandsForThePasswordAtTheTop() throws {
        let text = """
            [environment]
            name = "production"
            [database]
            host = "db"
            name = "convonet"
            password = "Geheim-42"
            [environments.practice.database]
            name = "practice"
            \(Self.command)
            """
        let practice = try settings(text, "practice").database
        #expect(practice.passwordCommand != nil && !practice.connectionString.contains("Geheim"))
    }

    @Test func twoPasswordsAreRefused() {
        for address in [
            "url = \"postgresql://anna:Geheim-42@db/c\"", "url = \"postgresql://anna@db/c?passfile=/etc/pass\"",
            "url = \"host=db password=Geheim-42\"", "host = \"db\"\npassword = \"Geheim-42\"",
        ] {
            let words = fault("[database]\n\(address)\n\(Self.command)\n")
            #expect(words.contains("cannot be combined with a password") && !words.contains("Geheim"), "\(words)")
        }
        let plain = "[database]\nhost = \"db\"\n\(Self.command)\n"
        #expect(fault(plain, nil, ["PGPASSWORD": "Geheim-42"]).contains("Unset PGPASSWORD"))
        #expect(fault(plain, nil, ["PGPASSWORD": ""]) == "")
        #expect(fault(plain, nil, ["PGPASSFILE": "/etc/pass"]) == "")
    }

    @Test func aWordIsNoCommand() {
        for wrong in ["\"/usr/bin/token --user anna\"", "[]", "[\"token\"]", "[\"../token\"]", "[1]"] {
            #expect(fault("[database]\n\n\npassword_command = \(wrong)\n").contains("line 4: password_command must be"))
        }
    }

    /// Who can change the file could run anything as whoever uses it.
    @Test func aFileThatOthersCanChangeBringsNone() throws {
        let text = "[database]\nhost = \"db\"\n\(Self.command)\n"
        #expect(
            fault(text, isOpen: true).contains("line 3: password_command is taken only from a file that belongs to you")
        )
        #expect(fault("[database]\nhost = \"db\"\n", isOpen: true) == "")
        let directory = try AuditCommandTests.Directory()
        let file = try directory.write(text, to: "config.toml")
        chmod(file, 0o664)
        #expect(throws: SettingsError.self) { try Settings.load(explicitFile: file, environment: [:]) }
        chmod(file, 0o644)
        #expect(try Settings.load(explicitFile: file, environment: [:]).database.passwordCommand != nil)
        if geteuid() == 0 {
            chown(file, 65534, 65534)
            #expect(throws: SettingsError.self) { try Settings.load(explicitFile: file, environment: [:]) }
        }
    }

    /// Another program that the settings name, and the same rule.
    @Test func aProgramIsTakenFromNoFileOfOthers() throws {
        let text = "[programs]\nssh_keygen = \"/usr/bin/ssh-keygen\"\n"
        #expect(fault(text, isOpen: true).contains("ssh_keygen is taken only from a file"))
        #expect(try settings(text).sshKeygen == "/usr/bin/ssh-keygen")
    }
}
