import Testing

@testable import Credentials

@Suite struct PINRulesTests {
    /// How many PINs of a length a rule on its own refuses, whatever other rules say of them.
    private static func count(of pattern: PINPattern, length: Int) -> Int {
        var count = 0
        PINRules.forEachPIN(length: length) { if PINRules.matches($0, pattern) { count += 1 } }
        return count
    }

    @Test(
        arguments: [
            (.allSame, 10, 10, 10), (.allButOneSame, 370, 460, 550), (.steps, 40, 40, 40), (.periodic, 100, 100, 1_090),
            (.doubled, 100, 2_800, 1_000), (.palindrome, 100, 1_000, 1_000), (.date, 588, 5_880, 84_232),
            (.year, 150, 3_000, 29_700), (.keypad, 114, 32, 72), (.common, 30, 0, 20),
        ] as [(PINPattern, Int, Int, Int)])
    func eachRuleRefusesSoMany(pattern: PINPattern, four: Int, five: Int, six: Int) {
        #expect(Self.count(of: pattern, length: 4) == four)
        #expect(Self.count(of: pattern, length: 5) == five)
        #expect(Self.count(of: pattern, length: 6) == six)
    }

    @Test(
        arguments: [
            ("4444", .allSame), ("000000", .allSame), ("1234", .steps), ("8901", .steps), ("9753", .steps),
            ("2580", .keypad),
            ("1397", .keypad), ("147258", .keypad), ("159753", .keypad), ("1984", .year), ("198407", .year),
            ("071984", .year),
            ("1212", .periodic), ("123123", .periodic), ("1122", .doubled), ("112233", .doubled), ("5665", .palindrome),
            ("4404", .allButOneSame), ("999959", .allButOneSame), ("3112", .date), ("1231", .date), ("2902", .date),
            ("311284", .date), ("123184", .date), ("841231", .date), ("5683", .common), ("11234", .date), ("3002", nil),
            ("3104", nil), ("2050", nil), ("205012", nil), ("730586", nil), ("70358", nil), ("7305", nil),
        ] as [(String, PINPattern?)])
    func namesTheRule(text: String, pattern: PINPattern?) throws {
        #expect(PINRules.weakness(of: try VoicePIN(parsing: Secret(utf8: text.utf8))) == pattern)
    }

    @Test(arguments: [(4, 0.12...0.16), (5, 0.08...0.16), (6, 0.10...0.12)])
    func aboutATenthIsRefused(length: Int, share: ClosedRange<Double>) throws {
        let refused = PINRules.refused(length: length)
        var space = 1.0
        for _ in 0..<length { space *= 10 }
        #expect(share.contains(Double(refused.count) / space), "\(refused.count)")
        #expect(refused.map(\.pin) == refused.map(\.pin).sorted())
        #expect(refused.allSatisfy { $0.pin.utf8.count == length })
        for entry in refused.prefix(50) + refused.suffix(50) {
            #expect(PINRules.weakness(of: try VoicePIN(parsing: Secret(utf8: entry.pin.utf8))) == entry.pattern)
        }
    }

    @Test func otherLengthsHaveNone() {
        #expect(PINRules.refused(length: 3).isEmpty)
        #expect(PINRules.refused(length: 7).isEmpty)
    }

    @Test(arguments: [
        ("", "pin_empty"), ("12a4", "pin_not_digits"), ("12 34", "pin_not_digits"), ("-1234", "pin_not_digits"),
        ("١٢٣٤", "pin_not_ascii_digits"), ("12３4", "pin_not_ascii_digits"), ("123", "pin_wrong_length"),
        ("1234567", "pin_wrong_length"), ("1234\u{0}", "pin_not_digits"), ("1234\n", "pin_not_digits"),
    ])
    func refusesWhatIsNoPIN(text: String, rule: String) {
        #expect { try VoicePIN(parsing: Secret(utf8: text.utf8)) } throws: { ($0 as? CredentialFailure)?.rule == rule }
    }

    @Test func keepsToTheLimitsGiven() throws {
        #expect(throws: CredentialFailure.self) { try VoicePIN(parsing: Secret(utf8: "73058".utf8), lengths: 6...6) }
        #expect(throws: CredentialFailure.self) { try VoicePIN(parsing: Secret(utf8: "7305869".utf8), lengths: 4...9) }
        #expect(try VoicePIN(parsing: Secret(utf8: "730586".utf8), lengths: 6...6).secret.revealedText() == "730586")
        #expect(throws: CredentialFailure.self) { try VoicePIN(parsing: Secret(utf8: [0x31, 0x32, 0x33, 0xFF])) }
    }
}
