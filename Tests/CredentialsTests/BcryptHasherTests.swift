import TestDatabase
import Testing

@testable import Credentials

@Suite struct BcryptHasherTests {
    @Test(arguments: [Int.min, -1, 0, 4, 9, 16, 31])
    func refusesOtherCosts(cost: Int) {
        #expect { try BcryptHasher(cost: cost) } throws: {
            ($0 as? CredentialFailure)?.rule == "bcrypt_cost_out_of_range"
        }
    }

    @Test func hashesAndVerifies() throws {
        let hasher = try BcryptHasher(cost: 10)
        let secret = Secret(copying: "maple 王 kettle")
        let hash = try hasher.hash(secret)
        #expect(hash.text.hasPrefix("$2b$10$"))
        #expect(hash.text.utf8.count == 60)
        #expect(BcryptHasher.verify(secret, against: hash))
        #expect(!BcryptHasher.verify(Secret(copying: "maple 王 kettlf"), against: hash))
        #expect(!BcryptHasher.verify(Secret(copying: ""), against: hash))
        #expect(try hasher.hash(secret) != hash, "each hash has a salt of its own")
    }

    @Test(
        arguments: [
            (Array(repeating: 0x61, count: 73), "password_too_long"),
            (Array("王".utf8) + Array(repeating: 0x61, count: 70), "password_too_long"),
            ([0x61, 0, 0x62], "password_nul"),
            ([0x61, 0xFF], "password_not_utf8"),
        ] as [([UInt8], String)])
    func refusesWhatTheLoginWouldSeeOtherwise(bytes: [UInt8], rule: String) throws {
        let hasher = try BcryptHasher(cost: 10)
        #expect { try hasher.hash(Secret(utf8: bytes)) } throws: { ($0 as? CredentialFailure)?.rule == rule }
    }

    @Test func countsThe72ndByte() throws {
        let hasher = try BcryptHasher(cost: 10)
        let longest = Secret(copying: String(repeating: "王", count: 24))
        let hash = try hasher.hash(longest)
        #expect(BcryptHasher.verify(longest, against: hash))
        #expect(!BcryptHasher.verify(longest.removing(codePointAt: 23), against: hash))
        #expect(!BcryptHasher.verify(Secret(utf8: Array("王".utf8) + [0]), against: hash))
    }

    @Test(arguments: [
        "", "FRONTEGG_SSO_USER", "*0", "$2b$12$", "$2x$12$" + String(repeating: "a", count: 53),
        "$2b$03$" + String(repeating: "a", count: 53), "$2b$32$" + String(repeating: "a", count: 53),
        "$2b$1a$" + String(repeating: "a", count: 53), "$2b$12$" + String(repeating: "a", count: 52),
        "$2b$12$" + String(repeating: "a", count: 54), "$2b$12$" + String(repeating: "a", count: 52) + "=",
        " $2b$12$" + String(repeating: "a", count: 52), "$y$j9T$" + String(repeating: "a", count: 53),
    ])
    func hashMustHaveBcryptsShape(text: String) {
        #expect { try PasswordHash(parsing: text) } throws: {
            ($0 as? CredentialFailure)?.rule == "password_hash_malformed"
        }
    }
}
