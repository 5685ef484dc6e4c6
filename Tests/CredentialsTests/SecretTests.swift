import Testing

@testable import Credentials

@Suite struct SecretTests {
    @Test func countsBytesAndCodePoints() {
        let secret = Secret(copying: "né王🙂")
        #expect(secret.byteCount == 10)
        #expect(secret.codePointCount == 4)
        #expect(secret.isValidUTF8)
        #expect(!secret.isEmpty)
        #expect(Secret(copying: "").isEmpty)
        #expect(Secret(copying: "").isValidUTF8)
    }

    @Test(arguments: [4094, 4095, 4096, 4097, 20_000])
    func keepsEveryByteOverPageBounds(count: Int) {
        // A sequence that cannot tell its length, so that the memory has to grow.
        var next = 0
        let bytes = AnyIterator<UInt8> {
            next += 1
            return next <= count ? UInt8(truncatingIfNeeded: next % 251) : nil
        }
        let secret = Secret(utf8: bytes)
        let copy = secret.withBytes { span in span.indices.map { span[$0] } }
        #expect(copy == (1...count).map { UInt8(truncatingIfNeeded: $0 % 251) })
    }

    @Test(arguments: [[0xC3, 0x28], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF], [0x61, 0xE7, 0x8E]] as [[UInt8]])
    func knowsInvalidUTF8(bytes: [UInt8]) {
        #expect(!Secret(utf8: bytes).isValidUTF8)
    }

    @Test func seesNUL() {
        #expect(Secret(utf8: [0x61, 0, 0x62]).containsNUL)
        #expect(!Secret(copying: "ab").containsNUL)
    }

    @Test func editsByCodePoint() {
        let secret = Secret(copying: "a王c")
        #expect(secret.appending(byte: 0x21).revealedText() == "a王c!")
        #expect(secret.inserting("x", atCodePoint: 0).revealedText() == "xa王c")
        #expect(secret.inserting("öx", atCodePoint: 2).revealedText() == "a王öxc")
        #expect(secret.inserting("x", atCodePoint: 99).revealedText() == "a王cx")
        #expect(secret.removing(codePointAt: 1).revealedText() == "ac")
        #expect(secret.removing(codePointAt: 2).revealedText() == "a王")
        #expect(secret.removing(codePointAt: 3).revealedText() == "a王c")
        #expect(secret.removing(codePointAt: -1).revealedText() == "a王c")
        #expect(secret.revealedText() == "a王c")
    }

    @Test func compares() {
        #expect(Secret(copying: "same") == Secret(utf8: Array("same".utf8)))
        #expect(Secret(copying: "same") != Secret(copying: "samf"))
        #expect(Secret(copying: "same") != Secret(copying: "same "))
        // Canonically equal text has other bytes, and bcrypt sees bytes.
        #expect(Secret(copying: "\u{E9}") != Secret(copying: "e\u{301}"))
    }

    @Test func neverPrintsItself() throws {
        let secret = Secret(copying: "hunter2-hunter2")
        let pin = try VoicePIN(parsing: Secret(utf8: "730519".utf8))
        let hash = try BcryptHasher(cost: 10).hash(secret)
        var dumped = ""
        dump([secret], to: &dumped)
        dump(pin, to: &dumped)
        dump(hash, to: &dumped)
        let shown =
            "\(secret) \(String(reflecting: secret)) \([secret]) \(pin) \(String(reflecting: pin)) \(hash) "
            + "\(String(reflecting: hash)) \(String(describing: Optional(secret)))" + dumped
        for word in ["hunter2", "730519", hash.text, "104, 117"] { #expect(!shown.contains(word)) }
        #expect(shown.hasPrefix("<secret> <secret>"))
        #expect(shown.contains("<pin>"))
    }
}
