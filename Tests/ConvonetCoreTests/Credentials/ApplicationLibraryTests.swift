import AuditVerification
import ConvonetCore
import Credentials
import Glibc
import TestDatabase
import Testing

/// Our bcrypt against the application's own library, Python's bcrypt 4.0.1, both ways.
@Suite struct ApplicationLibraryTests {
    static let passwords = [
        "maple river kettle", "p", "naïve-Straße-王明", "  two spaces  ", String(repeating: "王", count: 24),
        String(repeating: "x", count: 72), String(repeating: "ab", count: 35) + "c", "$2b$12$not-a-hash",
    ]

    @Test func applicationAcceptsOurHashes() throws {
        let hasher = try BcryptHasher(cost: 10)
        var questions: [String] = []
        for password in Self.passwords {
            let hash = try hasher.hash(Secret(copying: password)).text
            questions.append("check \(hex(password)) \(hash)")
            questions.append("check \(hex("!" + password.dropFirst())) \(hash)")
        }
        let answers = try ApplicationLibrary.ask(questions)
        #expect(answers == Self.passwords.flatMap { _ in ["True", "False"] })
    }

    @Test(arguments: ["2a", "2b", "2y"])
    func weAcceptTheApplicationsHashes(prefix: String) throws {
        let hashes = try ApplicationLibrary.ask(Self.passwords.map { "hash \(hex($0)) \(prefix)" })
        try #require(hashes.count == Self.passwords.count)
        for (password, text) in zip(Self.passwords, hashes) {
            let hash = try PasswordHash(parsing: text)
            #expect(text.hasPrefix("$\(prefix)$"))
            #expect(BcryptHasher.verify(Secret(copying: password), against: hash))
            #expect(!BcryptHasher.verify(Secret(copying: "!" + password.dropFirst()), against: hash))
        }
    }

    private func hex(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
