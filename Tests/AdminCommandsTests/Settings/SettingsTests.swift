import Glibc
import ProgramStart
import TerminalKit
import Testing

@testable import AdminCommands

@Suite struct SettingsTests {
    @Test(arguments: [
        (["CONVONET_DB_URI": "a", "DATABASE_URL": "b", "DB_URI": "c", "DB_HOST": "d"], "a"),
        (["DATABASE_URL": "b", "DB_URI": "c", "DB_HOST": "d"], "b"), (["DB_URI": "c", "DB_HOST": "d"], "c"),
        (["CONVONET_DB_URI": "", "DATABASE_URL": "b"], "b"),
        (["DB_PASSWORD": "p'w"], #"host='localhost' port='5432' dbname='convonet' user='postgres' password='p\'w'"#),
        (
            ["DB_HOST": "h", "DB_PORT": "tcp://10.0.0.7:5432"],
            "host='h' port='5432' dbname='convonet' user='postgres'"
        ),
        (["DATABASE_URL": " \r\n", "DB_URI": "c"], "c"),
        (["DB_HOST": "h", "DB_PORT": "1", "DB_NAME": "n", "DB_USER": "u"], "host='h' port='1' dbname='n' user='u'"),
    ])
    func theEnvironmentsAddressesRankAsTheApplicationsDo(environment: [String: String], address: String) {
        #expect(DatabaseAddress.fromEnvironment(environment) == address)
    }

    @Test func nothingSetIsNoAddress() {
        #expect(DatabaseAddress.fromEnvironment([:]) == nil)
        #expect(DatabaseAddress.fromEnvironment(["DB_HOST": "", "DATABASE_URL": ""]) == nil)
        #expect(DatabaseAddress.fromEnvironment(["DB_PORT": "tcp://10.0.0.7:5432"]) == nil)
        #expect(DatabaseAddress.fromEnvironment(["DATABASE_URL": "''"]) == nil)
    }

    @Test func flagThenEnvironmentThenFileThenDefault() throws {
        let directory = "/tmp/convonet-admin-settings-\(getpid())"
        let named = directory + "/named.toml"
        let own = directory + "/convonet-admin/config.toml"
        mkdir(directory, 0o755)
        mkdir(directory + "/convonet-admin", 0o755)
        defer {
            for path in [named, own] { unlink(path) }
            for path in [directory + "/convonet-admin", directory] { rmdir(path) }
        }
        try write("[database]\nurl = \"named\"\n[appearance]\ncolor = \"never\"\n", to: named)
        try write("[database]\nurl = \"own\"\n[environment]\nname = \"production\"\n", to: own)
        func load(_ flag: String?, _ environment: [String: String]) throws -> Settings {
            try Settings.load(
                explicitFile: flag, environment: environment.merging(["XDG_CONFIG_HOME": directory]) { own, _ in own })
        }
        let byDefault = try load(nil, [:])
        #expect(byDefault.database.connectionString == "own")
        #expect(byDefault.database.label?.name == "production")
        #expect(byDefault.usesColor)
        let byVariable = try load(nil, ["CONVONET_ADMIN_CONFIG": named])
        #expect(byVariable.database.connectionString == "named")
        #expect(byVariable.database.label == nil)
        #expect(!byVariable.usesColor)
        #expect(try load(own, ["CONVONET_ADMIN_CONFIG": named]).database.connectionString == "own")
        #expect(try load(own, ["DATABASE_URL": "url"]).database.connectionString == "url")
        #expect(try load(own, ["NO_COLOR": "1"]).usesColor == false)
        #expect(try load(nil, ["XDG_CONFIG_HOME": "", "HOME": directory]).database.connectionString.isEmpty)
        #expect(throws: SettingsError.self) { try load(directory + "/none.toml", [:]) }
        #expect(try Settings.load(explicitFile: nil, environment: [:]).database.connectionString.isEmpty)
    }

    @Test func aDirectoryOfSettingsIsAbsoluteOrNone() throws {
        let directory = "/tmp/convonet-admin-home-\(getpid())"
        let made = [directory, directory + "/.config", directory + "/.config/convonet-admin"]
        for path in made { mkdir(path, 0o755) }
        let file = directory + "/.config/convonet-admin/config.toml"
        defer {
            unlink(file)
            for path in made.reversed() { rmdir(path) }
        }
        try write("", to: file)
        for value in ["", "relative", "./here", "~/there"] {
            let environment = ["XDG_CONFIG_HOME": value, "HOME": directory]
            #expect(try SettingsDocument.path(explicit: nil, environment: environment) == file)
        }
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        fputs(text, file)
    }
}
