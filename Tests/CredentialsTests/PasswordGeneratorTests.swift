import Testing

@testable import Credentials

/// A reproducible source (SplitMix64), for tests alone.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Gives the greatest number only; with 0 alone, `Int.random` itself would never end.
struct ConstantGenerator: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}

@Suite struct PasswordGeneratorTests {
    @Test func looksAsItShould() throws {
        var source = SeededGenerator(state: 1)
        let policy = PasswordPolicy(
            minimumScore: 4, requiresUppercase: true, requiresLowercase: true, requiresDigit: true, requiresSymbol: true
        )
        let generator = PasswordGenerator(policy: policy)
        for _ in 0..<200 {
            let text = try generator.generate(using: &source).revealedText()
            #expect(text.wholeMatch(of: /[CDFHJKMNPRTVWXY][a-z3-9]{3}(-[a-z3-9]{4}){3}/) != nil, "\(text)")
            #expect(!text.contains(/[01258oilszbgquae]/), "\(text)")
            #expect(text.contains(/[0-9]/))
        }
    }

    @Test func everyCharacterIsAsProbable() throws {
        var source = SeededGenerator(state: 7)
        let generator = PasswordGenerator()
        var counts: [Character: Int] = [:]
        for _ in 0..<1_000 {
            for character in try generator.generate(using: &source).revealedText().dropFirst() where character != "-" {
                counts[character, default: 0] += 1
            }
        }
        #expect(counts.count == 20)
        // 15,000 draws of 20 characters: 750 each, with a standard deviation of 27; digits a little more, as one is asked for.
        for (character, count) in counts { #expect((610...900).contains(count), "\(character) \(count)") }
    }

    @Test func meetsLongPolicies() throws {
        for length in [19, 20, 24, 25, 64] {
            let policy = PasswordPolicy(minimumLength: length)
            let secret = try PasswordGenerator(policy: policy).generate()
            #expect(secret.codePointCount >= length)
            #expect(secret.byteCount <= 72)
        }
    }

    @Test func differsEachTime() throws {
        let generator = PasswordGenerator()
        #expect(try generator.generate() != generator.generate())
    }

    @Test func avoidsTheContext() throws {
        var source = SeededGenerator(state: 3)
        let text = try PasswordGenerator().generate(using: &source).revealedText()
        let runs: [Substring] = text.split { !$0.isLetter }
        let run = runs.first { $0.count >= 3 }
        let word = try #require(run, "the seed must give a run of letters")
        var again = SeededGenerator(state: 3)
        let other = try PasswordGenerator(context: PasswordContext(lastName: String(word))).generate(using: &again)
        #expect(other.revealedText() != text)
        #expect(!other.revealedText().lowercased().contains(word.lowercased()))
    }

    @Test(arguments: PasswordForm.allCases) func brokenSourceEndsInAnError(form: PasswordForm) {
        var source = ConstantGenerator()
        #expect(throws: CredentialFailure.self) { try PasswordGenerator(form: form).generate(using: &source) }
    }
}
