import ConvonetCore
import ConvonetDatabase
import Glibc
import OperatingSystem
import PostgresClient
import SchemaMaintenance
import TestDatabase
import Testing

@testable import EmbeddedPostgres

@Suite struct TLSTests {
    private static let servers = Task.detached { try await Servers() }

    private func open(_ port: Int, _ settings: String) async throws -> ConnectionDetails? {
        let text =
            "host=localhost hostaddr=127.0.0.1 port=\(port) dbname=postgres user=anna password='right one' " + settings
        return try await PostgresConnection.open(
            try ConnectionParameters(text, applicationName: "tests", environment: [:])
        ).details
    }

    private func cause(_ port: Int, _ settings: String) async throws -> ConnectFailure.Cause? {
        do {
            _ = try await open(port, settings)
            return nil
        } catch PostgresError.cannotConnect(let failure) {
            #expect(!"\(failure)".contains("right one") && !"\(failure)".contains("wrong one"))
            return failure.cause
        }
    }

    @Test func theRightNameAndAuthorityAreVerified() async throws {
        let servers = try await Self.servers.value
        let details = try #require(
            try await open(servers.secure.port, "sslmode=verify-full sslrootcert=\(servers.authority)"))
        #expect(details.isEncrypted && details.isServerVerified)
    }

    @Test func encryptedIsNotVerified() async throws {
        let servers = try await Self.servers.value
        let details = try #require(try await open(servers.secure.port, "sslmode=require"))
        #expect(details.isEncrypted && !details.isServerVerified)
    }

    @Test func anotherAuthorityIsNotTrusted() async throws {
        let servers = try await Self.servers.value
        #expect(
            try await cause(servers.secure.port, "sslmode=verify-full sslrootcert=\(servers.otherAuthority)")
                == .tlsNotVerified)
        #expect(
            try await cause(servers.secure.port, "sslmode=verify-full sslrootcert=/nonexistent.pem") == .tlsNotVerified)
    }

    @Test func anotherNameIsNotTrusted() async throws {
        let servers = try await Self.servers.value
        let settings = "host=db.example.org sslmode=verify-full sslrootcert=\(servers.authority)"
        #expect(try await cause(servers.secure.port, settings) == .tlsNotVerified)
        #expect(
            try await cause(
                servers.secure.port, "host=db.example.org sslmode=verify-ca sslrootcert=\(servers.authority)") == nil)
    }

    @Test func aServerWithoutTLSIsRefused() async throws {
        let servers = try await Self.servers.value
        for mode in ["require", "verify-full"] {
            #expect(
                try await cause(servers.plain.port, "sslmode=\(mode) sslrootcert=\(servers.authority)")
                    == .tlsUnsupported)
        }
        #expect(try await open(servers.plain.port, "")?.isEncrypted == false)
    }

    /// What doctor says of a server without TLS, and of one that is not verified, followed until nothing is left to say.
    @Test func adviceOnTLS() async throws {
        let servers = try await Self.servers.value
        let server = try PrivateCluster.start(PrivateCluster.Options(files: servers.files, listenOnLoopback: 0))
        try await server.sql("CREATE ROLE anna LOGIN PASSWORD 'right one'")
        func finding(_ settings: String) async throws -> Finding {
            // 0.0.0.0 is this machine, and not known to be.
            let text =
                "host=localhost hostaddr=0.0.0.0 port=\(server.port) dbname=postgres user=anna password='right one' "
                + settings
            let pool = PostgresPool(
                try ConnectionParameters(text, applicationName: "tests", allowUnencrypted: true, environment: [:]))
            let found = await DatabaseExamination(pool, usersTable: .usersConvonet).findings()
            return try #require(found.first { $0.check == "tls" }, "\(found)")
        }
        let bare = try await finding("sslmode=prefer")
        #expect(bare.grade == .problem && bare.mend?.contains("Turn on TLS at the server") == true, "\(bare)")
        try await server.sql("ALTER SYSTEM SET ssl = on")
        try await server.sql("SELECT pg_reload_conf()")
        try await eventually("the server offers TLS") { try await finding("sslmode=prefer").grade == .warning }
        let unverified = try await finding("sslmode=require")
        #expect(unverified.mend?.contains("sslmode=verify-full in the address, and sslrootcert=FILE") == true)
        let verified = try await finding("sslmode=verify-full sslrootcert=\(servers.authority)")
        #expect(verified.grade == .ok, "\(verified)")
    }

    @Test func aWrongPasswordIsSaidToBeOne() async throws {
        let servers = try await Self.servers.value
        #expect(try await cause(servers.plain.port, "password='wrong one'") == .authentication)
        #expect(try await cause(servers.secure.port, "sslmode=require password='wrong one'") == .authentication)
        #expect(try await cause(servers.plain.port, "password=''") == .authentication)
    }
}

/// A server with TLS and one without, both on loopback, and two authorities, of which the first made the certificate.
private final class Servers: Sendable {
    let secure: PrivateCluster
    let plain: PrivateCluster
    let authority: String
    let otherAuthority: String
    /// The key and the certificate, as a server has them.
    let files: [String: String]

    init() async throws {
        var template = Array("/tmp/convonet-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.failure("mkdtemp", "/tmp") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let script = """
            set -e
            cd "$1"
            key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
            for name in authority other; do
                key "$name"
                openssl req -x509 -key "$name.key" -subj "/CN=$name" -days 2 -out "$name.pem"
            done
            key server
            openssl req -new -key server.key -subj /CN=localhost -out server.csr
            printf 'subjectAltName=DNS:localhost' >names
            openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.crt
            """
        let outcome = try ChildProcess.run(["sh", "-c", script, "sh", directory])
        guard outcome.succeeded else { throw ClusterFailure.sql(message: outcome.errors) }
        defer { _ = try? ChildProcess.run(["rm", "-rf", directory]) }
        files = [
            "server.key": try Self.text(directory + "/server.key"),
            "server.crt": try Self.text(directory + "/server.crt"),
        ]
        secure = try PrivateCluster.start(
            PrivateCluster.Options(settings: ["ssl": "on"], files: files, listenOnLoopback: 0))
        plain = try PrivateCluster.start(PrivateCluster.Options(listenOnLoopback: 0))
        // The servers' directory goes away with them.
        let kept = secure.socketDirectory
        _ = try ChildProcess.run(["cp", directory + "/authority.pem", directory + "/other.pem", kept])
        (authority, otherAuthority) = (kept + "/authority.pem", kept + "/other.pem")
        for cluster in [secure, plain] { try await cluster.sql("CREATE ROLE anna LOGIN PASSWORD 'right one'") }
    }

    private static func text(_ path: String) throws -> String {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        return String(decoding: FileSystem.readToEnd(file), as: UTF8.self)
    }
}
