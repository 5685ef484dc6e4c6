import FoundationEssentials
import Glibc
import TestDatabase
import TestPrograms
import Testing

@testable import SSHAccess

/// What sshd says of a key is in the log as ssh-keygen says it, and nothing else is.
@Suite(.dropsDatabases) struct SSHOriginTests {
    private func keygen(_ arguments: [String]) async throws -> String {
        let output = try TemporaryFile(), silence = try TemporaryFile()
        let process = try StartedProgram(
            arguments, environment: [:], descriptors: [silence.descriptor, output.descriptor, silence.descriptor],
            executable: "/usr/bin/ssh-keygen")
        let status = await process.wait()
        try #require(status == 0, "\(arguments): \(silence.text())")
        return output.text()
    }

    /// Writes a file as sshd does, and reads it back as the claim of a program.
    private func claim(of lines: String, _ directory: AuditCommandTests.Directory) throws -> String? {
        let path = try directory.write(lines, to: "auth")
        return SSHOrigin(environment: ["SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 22", "SSH_USER_AUTH": path])?.claim
    }

    private func contents(_ path: String) throws -> String {
        String(decoding: try SourceTree.contents(of: path), as: UTF8.self)
    }

    @Test(arguments: [("ed25519", "256"), ("rsa", "2048"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521")])
    func aKeyAndItsCertificateHaveTheFingerprintsThatSSHKeygenSays(type: String, bits: String) async throws {
        let directory = try AuditCommandTests.Directory()
        let (key, authority) = (directory.file("key"), directory.file("ca"))
        _ = try await keygen(["-q", "-t", type, "-b", bits, "-N", "", "-f", key])
        _ = try await keygen(["-q", "-t", "ed25519", "-N", "", "-f", authority])
        let fingerprint = try await keygen(["-lf", key + ".pub"]).split(separator: " ")[1]
        let authorities = try await keygen(["-lf", authority + ".pub"]).split(separator: " ")[1]
        let plain = try contents(key + ".pub").split(separator: " ").prefix(2).joined(separator: " ")
        let claimed = try claim(of: "publickey \(plain)\n", directory)
        #expect(claimed == "192.0.2.7 50022 key=\(fingerprint)")

        _ = try await keygen([
            "-q", "-s", authority, "-I", "Anna Bürg", "-z", "18446744073709551615", "-n", "anna,desk", "-V", "+1d",
            key + ".pub",
        ])
        let certificate = try contents(key + "-cert.pub").split(separator: " ").prefix(2).joined(separator: " ")
        let shown = try claim(of: "publickey \(certificate)\nkeyboard-interactive/pam\n", directory)
        #expect(
            shown
                == "192.0.2.7 50022 certificate=\(fingerprint) ca=\(authorities) serial=18446744073709551615 id=Anna%20B%C3%BCrg"
        )
        let read = SSHOrigin(claim: try #require(shown))
        #expect(read.claim == shown)
        #expect(
            read.signIn?.fields.map { "\($0.label) \($0.text)" } == [
                "SSH key \(fingerprint)", "Certificate Anna%20B%C3%BCrg, serial 18446744073709551615",
                "Its CA \(authorities)",
            ])
    }

    @Test func theIdOfACertificateIsBoundedAndHasNoSigns() async throws {
        let directory = try AuditCommandTests.Directory()
        let (key, authority) = (directory.file("key"), directory.file("ca"))
        for path in [key, authority] { _ = try await keygen(["-q", "-t", "ed25519", "-N", "", "-f", path]) }
        let id = "a\u{1B}[2J key=SHA256:forged " + String(repeating: "x", count: 1000)
        _ = try await keygen(["-q", "-s", authority, "-I", id, "-n", "anna", key + ".pub"])
        let certificate = try contents(key + "-cert.pub").split(separator: " ").prefix(2).joined(separator: " ")
        let claimed = try #require(try claim(of: "publickey \(certificate)\n", directory))
        #expect(claimed.count == 255)
        #expect(claimed.hasSuffix("x…"))
        #expect(claimed.contains(" id=a%1B%5B2J%20key%3DSHA256:forged%20x"))
        #expect(!claimed.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func withoutAKeyTheMethodIsNamed() throws {
        let directory = try AuditCommandTests.Directory()
        #expect(try claim(of: "password\n", directory) == "192.0.2.7 50022 auth=password")
        #expect(
            try claim(of: "keyboard-interactive/pam\npassword\n", directory)
                == "192.0.2.7 50022 auth=keyboard-interactive/pam,password")
        let refused = ["", "\n", "publickey\n", "publickey ssh-ed25519 ????\n", "a\u{1B}b\n", "\u{0}\n"]
        for lines in refused {
            let claimed = try claim(of: lines, directory)
            #expect(["192.0.2.7 50022", "192.0.2.7 50022 auth=publickey"].contains(claimed), "\(lines)")
        }
    }

    @Test func whatCannotBeReadIsLeftOut() throws {
        let directory = try AuditCommandTests.Directory()
        try #require(mkfifo(directory.file("fifo"), 0o600) == 0)
        for path in ["/nowhere", directory.file("fifo"), "/dev/zero", directory.path, ""] {
            let origin = SSHOrigin(environment: ["SSH_CONNECTION": "::1 7 ::1 22", "SSH_USER_AUTH": path])
            #expect(origin?.claim == "::1 7")
        }
        #expect(SSHOrigin(environment: [:]) == nil)
        #expect(SSHOrigin(environment: ["SSH_CONNECTION": ""]) == nil)
        // A blob whose lengths lie, whatever they say.
        for text in ["AAAA", "/////w==", "AAAAC3NzaC1lZDI1NTE5", "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t"] {
            let claimed = try claim(of: "publickey ssh-ed25519-cert-v01@openssh.com \(text)\n", directory)
            #expect(claimed == "192.0.2.7 50022 auth=publickey", "\(text)")
        }
    }

    @Test func theLogHasItAndShowsIt() async throws {
        let database = try await TestDatabase.make()
        let directory = try AuditCommandTests.Directory()
        let key = directory.file("key")
        _ = try await keygen(["-q", "-t", "ed25519", "-N", "", "-f", key])
        let plain = try contents(key + ".pub").split(separator: " ").prefix(2).joined(separator: " ")
        let path = try directory.write("publickey \(plain)\n", to: "auth")
        let run = try await CommandRun(
            ["reset-pin", try await database.person(), "--generate", "--yes", "--json"],
            environment: [
                "CONVONET_DB_URI": database.connectionString(.operator),
                "SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 22",
                "SSH_USER_AUTH": path,
            ])
        #expect(run.status == 0, "\(run.errors)")
        let fingerprint = try await keygen(["-lf", key + ".pub"]).split(separator: " ")[1]
        let shown = try await CommandRun(database, as: .auditor, ["audit", "show", "1"])
        #expect(shown.output.contains("SSH from 192.0.2.7 50022 key=\(fingerprint)"), "\(shown.output)")
        let exported = try await CommandRun(database, as: .auditor, ["audit", "export"])
        #expect(exported.output.contains("\"ssh_origin\": \"192.0.2.7 50022 key="), "\(exported.output)")
        #expect(try await CommandRun(database, as: .auditor, ["audit", "verify"]).status == 0)
    }
}
