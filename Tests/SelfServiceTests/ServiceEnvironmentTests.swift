import ProgramStart
import TestDatabase
import TestPrograms
import Testing

@testable import SelfService

/// Which of several databases the program serves.
@Suite struct ServiceEnvironmentTests {
    private static let own = """
        [self_service]
        public_url = "https://app.example.org/x"
        mail_from = "support@example.org"
        [environments.staging]
        database.url = "postgresql://web@stage/convonet"
        [environments.production]
        database = { url = "postgresql://web@db/convonet", allow_unencrypted = true }
        """

    private func load(
        _ text: String = own, _ named: String? = nil, _ environment: [String: String] = [:]
    ) throws -> ServiceSettings {
        let directory = try ScratchDirectory()
        try directory.write("config.toml", text)
        return try ServiceSettings.load(
            explicitFile: directory.path + "/config.toml", named: named, environment: environment)
    }

    @Test func theOneThatIsNamed() throws {
        let named = try load(Self.own, "production")
        #expect(named.connectionString == "postgresql://web@db/convonet" && named.allowsUnencrypted)
        let variable = try load(Self.own, nil, ["CONVONET_ADMIN_ENVIRONMENT": "staging"])
        #expect(variable.connectionString == "postgresql://web@stage/convonet" && !variable.allowsUnencrypted)
        #expect(try load("environment = \"staging\"\n" + Self.own).connectionString == variable.connectionString)
        #expect(try load(Self.own, nil, ["DATABASE_URL": "url"]).connectionString == "url")
    }

    @Test func itsPasswordIsAskedForToo() throws {
        let command = "password_command = [\"/usr/local/bin/token\"]"
        let text = Self.own + "\n[environments.tokens.database]\nurl = \"postgresql://web@rds/c\"\n\(command)\n"
        let named = try load(text, "tokens")
        #expect(named.passwordCommand?.program == "/usr/local/bin/token")
        #expect(named.programs.map(\.path) == ["/usr/sbin/sendmail", "/usr/local/bin/token"])
        #expect(try load(text, "staging").passwordCommand == nil)
        #expect(throws: SettingsError.self) { try load(text, "tokens", ["PGPASSWORD": "x"]) }
    }

    @Test func noneIsGuessed() {
        #expect(throws: SettingsError.noneNamed(known: ["production", "staging"])) { try load() }
        #expect(throws: SettingsError.unknownEnvironment("x", known: ["production", "staging"])) {
            try load(Self.own, "x")
        }
        #expect(throws: SettingsError.namedTwice(variable: "DATABASE_URL")) {
            try load(Self.own, nil, ["DATABASE_URL": "url", "CONVONET_ADMIN_ENVIRONMENT": "staging"])
        }
        #expect(throws: SettingsError.self) { try load(Self.own, "staging", ["PGHOSTADDR": "192.0.2.1"]) }
    }
}
