import Testing

@testable import Credentials

/// How a secret is read out.
@Suite struct SpellingAlphabetTests {
    @Test(arguments: SpellingAlphabet.allCases) func anAlphabetIsWhole(alphabet: SpellingAlphabet) {
        let words = alphabet.words
        #expect(words.letters.count == 26 && words.digits.count == 10)
        let all = words.letters + words.digits + [words.dash, words.space, words.capital]
        #expect(Set(all.map { $0.lowercased() }).count == 39 && !all.contains(""))
        for (letter, word) in zip("abcdefghijklmnopqrstuvwxyz", words.letters) {
            // The city of Y is called by its letter.
            #expect(word.lowercased().hasPrefix(String(letter)), "\(word)")
        }
    }

    @Test(arguments: [
        (
            SpellingAlphabet.icao,
            [["CAPITAL tango", "juliett", "six", "tango", "dash"], ["papa", "zero", "x-ray"]]
        ),
        (
            .din5009,
            [["GROSS Tübingen", "Jena", "sechs", "Tübingen", "Bindestrich"], ["Potsdam", "null", "Xanten"]]
        ),
        (.french, [["MAJUSCULE Thérèse", "Joseph", "six", "Thérèse", "tiret"], ["Pierre", "zéro", "Xavier"]]),
    ])
    func capitalsDigitsAndDashesAreSaid(alphabet: SpellingAlphabet, words: [[String]]) {
        let groups = alphabet.spelling(of: Secret(copying: "Tj6t-p0x"))
        #expect(groups.map(\.text) == ["Tj6t-", "p0x"])
        #expect(groups.map(\.words) == words)
    }

    @Test func whatHasNoWordStandsForItself() {
        #expect(
            SpellingAlphabet.icao.spelling(of: Secret(copying: "Éa! "))
                == [SpelledGroup(text: "Éa! ", words: ["É", "alfa", "!", "space"])])
        #expect(
            SpellingAlphabet.din5009.spelling(of: Secret(copying: "Äß")).map(\.words)
                == [["GROSS Umlaut Aachen", "Eszett"]])
        #expect(SpellingAlphabet.icao.spelling(of: Secret(copying: "")).isEmpty)
        #expect(
            SpellingAlphabet.icao.spelling(of: Secret(copying: "--a"))
                == [
                    SpelledGroup(text: "-", words: ["dash"]), SpelledGroup(text: "-", words: ["dash"]),
                    SpelledGroup(text: "a", words: ["alfa"]),
                ])
    }

    @Test(arguments: SpellingAlphabet.allCases, PasswordForm.allCases)
    func allOfWhatIsMadeUpCanBeSaid(alphabet: SpellingAlphabet, form: PasswordForm) throws {
        let policy = PasswordPolicy(requiresUppercase: true, requiresDigit: true)
        let secret = try PasswordGenerator(form: form, policy: policy).generate()
        let groups = alphabet.spelling(of: secret)
        #expect(groups.map(\.text).joined() == secret.revealedText())
        #expect(groups.allSatisfy { $0.words.allSatisfy { $0.count > 1 } })
        // A password of words has a group for each word, and one for the digit.
        #expect(groups.count == (form == .words ? 6 : 4))
        let marked = groups.flatMap(\.words).filter { $0.hasPrefix(alphabet.words.capital + " ") }
        #expect(marked.count == 1 && marked.first == groups.first?.words.first)
    }
}
