import Testing

@testable import PostgresClient

@Suite struct ConnectionParametersTests {
    private func parameters(_ text: String, _ environment: [String: String] = [:], allowUnencrypted: Bool = false)
        throws
        -> ConnectionParameters
    {
        try ConnectionParameters(
            text, applicationName: "tests", allowUnencrypted: allowUnencrypted, environment: environment)
    }

    @Test(arguments: [
        "postgresql:///convonet", "postgresql://localhost/convonet", "postgresql://127.0.0.1/c",
        "postgresql://127.8.9.1/c",
        "postgresql://[::1]/c", "host=/var/run/postgresql", "host=@abstract", "", "dbname=convonet",
        "postgresql://%2Fvar%2Frun/c", "host=db.example.org hostaddr=127.0.0.1", "host=localhost,/tmp",
    ])
    func loopbackAndSocketsAreNotRemote(text: String) throws {
        let found = try parameters(text)
        #expect(!found.isRemote)
        #expect(found.sslMode == "prefer")
    }

    /// libpq would load the library that stands before the colon.
    @Test(arguments: [
        ("host=/tmp sslkey=/tmp/evil.so:x", [:]), ("postgresql:///c?sslkey=engine:key", [:]),
        ("", ["PGSSLKEY": "/tmp/evil.so:x"]),
    ])
    func aKeyIsAFile(text: String, environment: [String: String]) throws {
        #expect(throws: PostgresError.self) { try parameters(text, environment) }
        _ = try parameters("host=/tmp sslkey=/tmp/key.pem")
    }

    @Test(arguments: [
        "postgresql://db.example.org/c", "postgresql://192.0.2.1/c", "postgresql://[2001:db8::1]/c",
        "postgresql://127.evil.example/c",
        "postgresql://localhost.evil.example/c", "host=localhost hostaddr=192.0.2.1", "host=localhost,db.example.org",
        "service=somewhere", "service=somewhere host=localhost", "host=1270.0.0.1", "host=0x7f.1",
        "host=::ffff:192.0.2.1",
    ])
    func everythingElseIsRemoteAndVerified(text: String) throws {
        let found = try parameters(text)
        #expect(found.isRemote)
        #expect(found.sslMode == "verify-full")
    }

    @Test(arguments: [
        "postgresql://anna:s3c@r3t@db.example.org/x", "postgresql://anna:s3c/r3t@db.example.org/x",
        "postgresql://anna:s3c/r3t#1@db.example.org:5432/x", "postgresql://anna:s3c:r3t/@db.example.org",
        "postgresql://s3cr3t:5432:1/x", "postgresql://db.example.org:s3cr3t/x",
        "postgresql+psycopg2://anna:s3c@r3t@db/x", "postgresql://anna:99999999@db:99999999/x",
    ])
    func aPasswordThatCutsAnAddressInTwoIsNotRepeated(text: String) {
        do {
            _ = try parameters(text)
            Issue.record("“\(text)” was taken")
        } catch PostgresError.invalidConnectionString(let reason) {
            #expect(reason.contains("%40"))
            for piece in ["s3c", "r3t", "9999"] { #expect(!reason.contains(piece)) }
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test(arguments: [
        "postgresql://anna:p%40ss%2Fword%23@db.example.org/x", "postgresql://anna:p#ss?w=1@db.example.org/x",
        "postgresql://anna@db-1.example.org:5432,db_2:5433/x?application_name=a@b", "postgresql://[::1]:5432/x",
        "postgresql://%2Fvar%2Frun:5433/x", "postgresql://bücher.example/x", "postgresql:///x?host=/tmp&port=5433",
    ])
    func whatPsqlTakesIsTaken(text: String) throws { #expect(try parameters(text).candidates[0]["dbname"] == "x") }

    @Test(arguments: [
        "\r\npostgresql://db.example.org/x\r\n", "  postgresql://db.example.org/x ", "'postgresql://db.example.org/x'",
        "\"postgresql://db.example.org/x\"\n", "\u{FEFF}postgresql://db.example.org/x",
        "\n' host=db.example.org dbname=x '\n",
    ])
    func whatCameWithTheAddressIsTakenAway(text: String) throws {
        let found = try parameters(text)
        #expect(found.candidates[0]["dbname"] == "x" && found.isRemote)
    }

    @Test(arguments: [
        ("ssl=require", "ssl"), ("pgbouncer=true", "pgbouncer"), ("sslmode=require&schema=public", "schema"),
    ])
    func aParameterOfAnotherProgramIsNamed(query: String, name: String) {
        #expect {
            try parameters("postgresql://anna:s3cr3t@db/x?\(query)")
        } throws: { error in
            guard case PostgresError.invalidConnectionString(let reason) = error else { return false }
            return reason.contains("“\(name)”") && !reason.contains("s3cr3t")
        }
    }

    @Test func severalHostsOfTheEnvironmentAreTriedOneByOne() throws {
        let found = try parameters("dbname=x", ["PGHOST": "/one,/two", "PGPORT": "1,2", "PGCONNECT_TIMEOUT": "3"])
        #expect(found.candidates.map { $0["host"] } == ["/one", "/two"])
        #expect(found.candidates.map { $0["port"] } == ["1", "2"])
        #expect(found.connectTimeout == 3)
    }

    @Test func theEnvironmentCounts() throws {
        #expect(try parameters("", ["PGHOST": "db.example.org"]).isRemote)
        #expect(try parameters("", ["PGHOSTADDR": "192.0.2.1"]).isRemote)
        #expect(try parameters("host=localhost", ["PGHOSTADDR": "192.0.2.1"]).isRemote)
        #expect(try parameters("", ["PGSERVICE": "somewhere"]).isRemote)
        #expect(try !parameters("", ["PGHOST": "", "PGHOSTADDR": "", "PGSERVICE": ""]).isRemote)
        #expect(try !parameters("host=/tmp", ["PGHOST": "db.example.org"]).isRemote)
        #expect(try parameters("host=db.example.org", ["PGSSLMODE": "require"]).sslMode == "require")
        #expect(try parameters("host=db.example.org", ["PGSSLMODE": ""]).sslMode == "verify-full")
        #expect(
            try parameters("host=db.example.org sslmode=verify-ca", ["PGSSLMODE": "disable"]).sslMode == "verify-ca")
    }

    @Test(arguments: ["disable", "allow", "prefer"]) func whatMayGoInTheClearNeedsASetting(mode: String) throws {
        let text = "postgresql://db.example.org/c?sslmode=\(mode)"
        #expect(throws: PostgresError.insecureConnection(sslMode: mode)) { try parameters(text) }
        #expect(throws: PostgresError.insecureConnection(sslMode: mode)) {
            try parameters("host=db.example.org", ["PGSSLMODE": mode])
        }
        #expect(try parameters(text, allowUnencrypted: true).sslMode == mode)
        #expect(try parameters("postgresql://localhost/c?sslmode=\(mode)").sslMode == mode)
    }

    @Test(arguments: ["require", "verify-ca", "verify-full"]) func strictModesAreObeyed(mode: String) throws {
        #expect(try parameters("postgresql://db.example.org/c?sslmode=\(mode)").sslMode == mode)
    }

    @Test(arguments: [
        "postgres://anna:secret@db.example.org:5433/convonet", "postgresql://anna:secret@db.example.org:5433/convonet",
        "postgresql+psycopg2://anna:secret@db.example.org:5433/convonet",
        "postgresql+asyncpg://anna@db.example.org/convonet",
        "postgres+psycopg://anna@db.example.org/convonet",
    ])
    func schemesOfSQLAlchemyAreUnderstood(text: String) throws {
        let found = try parameters(text)
        #expect(found.candidates[0]["dbname"] == "convonet")
        #expect(found.isRemote)
        #expect(!"\(found)".contains("secret"))
        #expect(!String(reflecting: found).contains("secret"))
    }

    @Test(arguments: [
        "postgresql://anna:s3cr3t@host:port:port/x?y", "mysql://anna:s3cr3t@host/x", "password=s3cr3t nonsense",
        "s3cr3t",
        "postgresql://anna:s3cr3t@host/x?s3cr3t=1", "password='s3cr3t", "postgresql://[s3cr3t",
    ])
    func aBadStringIsNotQuoted(text: String) {
        do {
            _ = try parameters(text)
            Issue.record("“\(text)” was taken")
        } catch {
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains("s3cr3t") && !"\(error)".contains("s3cr3t"))
        }
    }
}
