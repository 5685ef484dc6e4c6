import ConvonetDatabase
import ProgramStart
import TerminalKit
import Testing

@testable import AdminCommands

/// Several databases in one settings file, as values.
@Suite struct EnvironmentSettingsTests {
    private static let two = """
        environment = "staging"
        [environments.staging]
        colour = "green"
        database.url = "postgresql://anna@stage.example.org/convonet"
        [environments.production]
        colour = "red"
        database.url = "postgresql://anna@db.example.org/convonet"
        schema.users_table = "app.people"
        """

    private func settings(
        _ text: String = two, _ named: String? = nil, _ environment: [String: String] = [:]
    ) throws(SettingsError) -> Settings {
        try Settings(try SettingsDocument(parsing: text, path: "test.toml"), named: named, environment: environment)
    }

    private func fault(
        _ text: String = two, _ named: String? = nil, _ environment: [String: String] = [:]
    ) -> SettingsError? {
        do throws(SettingsError) {
            let settings = try settings(text, named, environment)
            try settings.checkPlace(environment: environment)
            return nil
        } catch {
            return error
        }
    }

    private func line(_ text: String) -> Int? {
        switch fault(text) {
        case .malformed(_, let line, _), .unknownKey(_, let line, _), .sameDatabase(_, let line, _, _): line
        default: nil
        }
    }

    @Test func eachHasItsOwnAndWhatTheyHaveInCommon() throws {
        let usual = try settings()
        #expect(usual.database.label == EnvironmentLabel("staging", .green))
        #expect(usual.database.connectionString.contains("stage.example.org"))
        #expect(usual.database.usersTable.description == "public.users_convonet")
        let production = try settings(Self.two, "production")
        #expect(production.database.label == EnvironmentLabel("production", .red))
        #expect(production.database.connectionString.contains("@db.example.org"))
        #expect(production.database.usersTable.description == "app.people")
        // The same whether it is named at the start or gone over to.
        #expect(try usual.entering("production") == production)
        #expect(usual.databases.map(\.label?.name) == ["production", "staging"])
        // What belongs to who sits there is that of the file.
        let dark = try settings(Self.two + "\n[appearance]\ntheme = \"light\"\n", "production")
        #expect(dark.theme == .light)
    }

    @Test func whatAnEnvironmentDoesNotSayIsAsAtTheTop() throws {
        let text = """
            environment = "b"
            [database]
            user = "anna"
            port = 5433
            allow_unencrypted = true
            [schema]
            role_prefix = "desk_"
            [environments.a.database]
            host = "one"
            name = "convonet"
            [environments.b.database]
            host = "two"
            name = "convonet"
            port = 5434
            allow_unencrypted = false
            """
        let (one, two) = (try settings(text, "a").database, try settings(text).database)
        #expect(one.connectionString == "host='one' port='5433' dbname='convonet' user='anna'")
        #expect(two.connectionString == "host='two' port='5434' dbname='convonet' user='anna'")
        #expect(one.allowsUnencrypted && !two.allowsUnencrypted)
        #expect(one.rolePrefix == "desk_")
    }

    /// A password at the top is for the server at the top.
    @Test func noOtherServerIsSentAPassword() throws {
        let text = """
            [environment]
            name = "production"
            [database]
            host = "db"
            name = "convonet"
            user = "anna"
            password = "Geheim-42"
            [environments.staging.database]
            host = "stage"
            [environments.practice.database]
            name = "practice"
            """
        #expect(try !settings(text, "staging").database.connectionString.contains("Geheim"))
        #expect(try settings(text, "practice").database.connectionString.contains("Geheim"))
        #expect(try settings(text).database.label?.name == "production")
        #expect(try settings(text).databases.map(\.label?.name) == ["production", "practice", "staging"])
    }

    @Test func whoNamesOneComesToIt() throws {
        let url = ["DATABASE_URL": "postgresql://anna@elsewhere/convonet"]
        let variable = ["CONVONET_ADMIN_ENVIRONMENT": "production"]
        #expect(try settings(Self.two, nil, variable).database.label?.name == "production")
        #expect(try settings(Self.two, "staging", variable).database.label?.name == "staging")
        // The option wins over a variable with an address, too, and is not led elsewhere by it.
        let named = try settings(Self.two, "production", url)
        #expect(named.database.connectionString.contains("@db.example.org") && named.variable == nil)
        // Two variables that say different things are no answer.
        #expect(fault(Self.two, nil, url.merging(variable) { $1 }) == .namedTwice(variable: "DATABASE_URL"))
    }

    /// What the file calls its own database is not the name of the one that a variable leads to.
    @Test func aNameDoesNotGoToAnotherDatabase() throws {
        let url = ["DATABASE_URL": "postgresql://anna@elsewhere/convonet"]
        let elsewhere = try settings(Self.two, nil, url)
        #expect(elsewhere.database.label == EnvironmentLabel("DATABASE_URL"))
        #expect(elsewhere.variable == "DATABASE_URL" && elsewhere.database.connectionString.contains("elsewhere"))
        let own = "[environment]\nname = \"production\"\n"
        #expect(try settings(own, nil, url).database.label?.name == "production")
        let both = own + "[database]\nhost = \"db\"\n"
        #expect(try settings(both, nil, url).database.label?.name == "DATABASE_URL")
        #expect(try settings(both).database.label?.name == "production")
        #expect(try settings(both, nil, ["DB_HOST": "h"]).database.label?.name == "DB_HOST")
        // A name alone, beside an address that only a variable has, is no choice of a database.
        #expect(fault(own, "production", url) == .unknownEnvironment("production", known: []))
    }

    @Test(arguments: ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE"])
    func noVariableOfTheLibraryDecidesWhereAnEnvironmentIs(variable: String) throws {
        let text = "[environments.staging.database]\nuser = \"anna\"\nhost = \"stage\"\n"
        guard case .leftOpen("staging", _, let named) = fault(text, "staging", [variable: "x"]) else {
            // The host is said.
            return #expect(variable == "PGHOST")
        }
        #expect(named == variable)
        // Where there are no environments, they mean what they have always meant.
        #expect(fault("[database]\nuser = \"anna\"\n", nil, [variable: "x"]) == nil)
    }

    /// A service may leave open what it likes, and another file say what it is.
    @Test(arguments: ["PGHOST", "PGDATABASE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGUSER"])
    func noVariableDecidesWhereAServiceIs(variable: String) {
        let text = "[environments.staging.database]\nurl = \"service=stage\"\n"
        guard case .leftOpen("staging", _, variable) = fault(text, "staging", [variable: "x"]) else {
            Issue.record("\(variable) leads elsewhere")
            return
        }
    }

    @Test func whereNoneIsNamedTheNamesAreListed() throws {
        let text = Self.two.replacing("environment = \"staging\"", with: "")
        let error = try #require(fault(text))
        #expect(error == .noneNamed(known: ["production", "staging"]))
        #expect(error.description.contains("“production”, “staging”") && error.description.contains("--environment"))
        let unknown = try #require(fault(Self.two, "prod"))
        #expect(unknown == .unknownEnvironment("prod", known: ["production", "staging"]))
        #expect(unknown.description.contains("“production”, “staging”"))
        #expect(fault(Self.two, "Production") == .unknownEnvironment("Production", known: ["production", "staging"]))
        #expect(fault(Self.two, "") == .unknownEnvironment("", known: ["production", "staging"]))
        #expect(fault("", "staging") == .unknownEnvironment("staging", known: []))
    }

    @Test(arguments: [
        "environment = \"staging\"\n", "environment = 5\n", "environments = 1\n", "[environments]\nstaging = \"x\"\n",
        "[[environments]]\n",
    ])
    func whatIsNoSectionIsToldAsSuch(text: String) throws {
        let error = try #require(fault(text))
        guard case .malformed(_, let line, let reason) = error else { return #expect(Bool(false), "\(error)") }
        #expect(line != nil && !reason.isEmpty)
    }

    @Test func everyErrorNamesItsLine() {
        let url = "database.url = \"postgresql://a@h/x\"\n"
        #expect(line("[environments.a]\ncolor = \"red\"\n") == 2)
        #expect(line("[environments.a]\n\(url)colour = \"orange\"\n") == 3)
        #expect(line("[environments.a.database]\nhots = \"x\"\n") == 2)
        #expect(line("[environments.a.console]\nbell = true\n") == 1)
        #expect(line("[environments.a]\ndatabase = 3\n") == 2)
        #expect(line("[environments.a]\ndatabase.port = 70000\n") == 2)
        #expect(line("[environments.a]\ncolour = \"red\"\n") == 1)
        #expect(line("[environments.a]\n\(url)schema.users_table = \"a b\"\n") == 3)
        #expect(line("[environments.a]\n\(url)database.host = \"x\"\n") == 2)
        #expect(line("environment = \"a\"\n[database]\nurl = \"x\"\n[environments.a]\n database . name = \"x\"\n") == 5)
        #expect(line("[database]\nhost = \"x\"\n[environments.a]\n\(url)") == 1)
        #expect(line("environment = \"b\"\n[environments.a]\n\(url)") == 1)
    }

    @Test(arguments: [
        "a\\u0007b", "a\\u202Eb", "生产环境欧洲客户数据库", " a", "a  b", "", "a\\nb", "x\\u200B",
        "a-name-of-21-columns-",
    ])
    func aNameThatCannotBeShownWholeIsRefused(name: String) throws {
        let text = "[environments.\"\(name)\"]\ndatabase.url = \"postgresql://a@h/x\"\n"
        guard case .malformed(_, _, let reason) = fault(text) else { return #expect(Bool(false), "\(name)") }
        #expect(reason.hasPrefix("the environment’s name"))
        let top = "[environment]\nname = \"\(name)\"\n"
        guard case .malformed(_, 2, _) = fault(top) else { return #expect(Bool(false), "\(name)") }
    }

    @Test(arguments: ["生产环境欧洲客户数据", "the north", "a-name-of-20-columns", "prod.eu"])
    func aNameThatFitsIsTaken(name: String) throws {
        let text = "[environments.\"\(name)\"]\ndatabase.url = \"postgresql://a@h/x\"\n"
        #expect(try settings(text, name).database.label?.name == name)
    }

    @Test(arguments: [
        ("postgresql://anna@db.example.org/convonet", "postgresql://bert@DB.example.org:5432/convonet?sslmode=require"),
        ("host=localhost dbname=x", "host=127.0.0.1 port=5432 dbname=x"), ("service=one", "service=one user=b"),
        ("postgresql:///x", "dbname=x"),
    ])
    func theSameDatabaseTwiceIsRefused(one: String, other: String) throws {
        let text = "[environments.a.database]\nurl = \"\(one)\"\n[environments.b.database]\nurl = \"\(other)\"\n"
        #expect(fault(text, "a") == .sameDatabase(path: "test.toml", line: 3, "a", "b"))
        let top = "[environment]\nname = \"top\"\n[database]\nurl = \"\(one)\"\n[environments.b]\ncolour = \"red\"\n"
        #expect(fault(top) == .sameDatabase(path: "test.toml", line: 5, "top", "b"))
    }

    @Test func namesThatDifferOnlyInCaseAreRefused() {
        let text = "[environments.a.database]\nname = \"x\"\n[environments.A.database]\nname = \"y\"\n"
        guard case .malformed(_, _, let reason) = fault(text, "a") else { return #expect(Bool(false)) }
        #expect(reason.contains("too much alike"))
    }

    @Test func commandsTakeItAndSayWhatIsWrong() async throws {
        let directory = try AuditCommandTests.Directory()
        let path = try directory.write(Self.two, to: "config.toml")
        for command in [
            ["list"], ["doctor"], ["migrate", "--print"], ["audit", "list"], ["policy", "show"], ["tidy"],
        ] {
            let run = try await CommandRun(command + ["--config", path, "--environment", "prod"])
            #expect(run.status == 78, "\(command)")
            #expect((run.output + run.errors).contains("“production”, “staging”"), "\(command)")
        }
        let demo = try await CommandRun(["demo", "--", "list", "--environment", "production"])
        #expect(demo.status == 64)
    }
}
