import Glibc
import TestDatabase
import Testing

@testable import Credentials

/// Passwords of words, and the words.
@Suite struct WordPasswordTests {
    private static let words = DictationWords.all.map { String(decoding: $0, as: UTF8.self) }

    /// A table of the script that made the list, such as the words that it must not hold.
    private static func table(_ name: String) throws -> [String] {
        let script = String(
            decoding: try SourceTree.contents(of: SourceTree.root + "/script/make-wordlist"), as: UTF8.self)
        let start = try #require(script.firstRange(of: "\n\(name) = \"\"\"\n"))
        let rest = script[start.upperBound...]
        let end = try #require(rest.firstRange(of: "\"\"\".split()"))
        return rest[..<end.lowerBound].split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// What is left of a word on a bad line.
    private static func sound(_ word: String, _ rules: [String]) -> String {
        var text = "^\(word)$"
        for rule in rules {
            let parts = rule.split(separator: "=")
            text = text.replacing(parts[0], with: parts[1])
        }
        let letters = Array(text).dropFirst().dropLast()
        var heard = letters.prefix(1).map { "aeiou".contains($0) ? "A" : $0 }
        for letter in letters.dropFirst() where !"aeiouywh".contains(letter) && heard.last != letter {
            heard.append(letter)
        }
        return String(heard)
    }

    /// All that a letter which is changed, put in or left out makes of a word, so that two are near where they share one.
    private static func neighbours(_ word: String) -> Set<String> {
        let letters = Array(word)
        return Set(
            letters.indices.flatMap { index in
                let (before, after) = (String(letters[..<index]), String(letters[(index + 1)...]))
                return ["\(before)*\(after)", "\(before)\(after)"]
            } + [word])
    }

    @Test func theListIsAsItShouldBe() throws {
        #expect(Self.words.count == 2048)
        #expect(Self.words == Self.words.sorted())
        #expect(Self.words.allSatisfy { $0.wholeMatch(of: /[a-z]{4,7}/) != nil })
        for name in ["CODE", "INSTRUCTIONS", "UNSUITABLE", "ODD"] {
            #expect(Set(try Self.table(name)).isDisjoint(with: Self.words), "\(name)")
        }
        let said = SpellingAlphabet.allCases.flatMap { alphabet in
            let words = alphabet.words
            return (words.letters + words.digits + [words.capital, words.dash, words.space]).map { $0.lowercased() }
        }
        #expect(Set(said).isDisjoint(with: Self.words))
    }

    @Test func noTwoLookAlike() throws {
        // A letter that is left out of the longer one gives the shorter; one that is changed, the same place left open.
        var owners: [String: String] = [:]
        for word in Self.words {
            for neighbour in Self.neighbours(word) {
                let other = owners.updateValue(word, forKey: neighbour)
                let isOpen = neighbour.contains("*")
                let isNear = other.map { isOpen || neighbour == word || neighbour == $0 } ?? false
                #expect(!isNear, "\(word) \(other ?? "")")
            }
        }
    }

    @Test func noTwoSoundAlike() throws {
        let rules = try Self.table("SOUNDS")
        #expect(Self.sound("wheat", rules) == Self.sound("weed", rules))
        #expect(Self.sound("phase", rules) == Self.sound("vase", rules))
        let sounds = Dictionary(grouping: Self.words) { Self.sound($0, rules) }
        #expect(sounds.count == 2048)
        for word in try Self.table("CODE") { #expect(sounds[Self.sound(word, rules)] == nil, "\(word)") }
    }

    @Test func theyHaveFiftyFiveBits() throws {
        #expect(Double(WordsDraw.count) * log2(Double(Set(Self.words).count)) >= 55)
        var source = SeededGenerator(state: 5)
        var counts: [Substring: Int] = [:]
        for _ in 0..<500 {
            let text = try PasswordGenerator(form: .words).generate(using: &source).revealedText()
            let words = text.split(separator: "-")
            #expect(words.count == 5 && words.allSatisfy { Self.words.contains(String($0)) }, "\(text)")
            for word in words { counts[word, default: 0] += 1 }
        }
        // 2500 draws of 2048 words: about 1440 of them, and none of them often.
        #expect((1300...1600).contains(counts.count) && counts.values.allSatisfy { $0 < 10 })
    }

    @Test(arguments: [6, 24, 37, 40, 63, 64])
    func everyPolicyIsMet(length: Int) throws {
        var source = SeededGenerator(state: UInt64(length))
        for (upper, digit) in [(true, true), (true, false), (false, true)] {
            let policy = PasswordPolicy(
                minimumLength: length, minimumScore: 4, requiresUppercase: upper, requiresLowercase: true,
                requiresDigit: digit, requiresSymbol: true)
            for _ in 0..<20 {
                let secret = try PasswordGenerator(form: .words, policy: policy).generate(using: &source)
                #expect(secret.codePointCount >= length && secret.byteCount <= 72)
                let text = secret.revealedText()
                #expect(text.contains(/^[A-Z]/) == upper && !text.dropFirst().contains(/[A-Z]/), "\(text)")
                #expect(text.contains(/-[34679]$/) == digit && text.split(separator: "-").count >= (digit ? 6 : 5))
            }
        }
    }

    @Test func whatTheOrganisationForbidsIsDrawnAnew() throws {
        var source = SeededGenerator(state: 9)
        let first = try PasswordGenerator(form: .words).generate(using: &source).revealedText()
        let word = try #require(first.split(separator: "-").first)
        source = SeededGenerator(state: 9)
        let context = PasswordContext(lastName: String(word))
        let other = try PasswordGenerator(form: .words, context: context).generate(using: &source).revealedText()
        #expect(!other.contains(word))
    }
}
