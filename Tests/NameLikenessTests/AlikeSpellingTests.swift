import Testing

@testable import NameLikeness

@Suite struct AlikeSpellingTests {
    private func difference(_ word: String, _ other: String) -> AlikeSpelling.Difference? {
        AlikeSpellings.of(word).first { $0.letters == Array(other.unicodeScalars) }?.difference
    }

    private func text(_ spelling: AlikeSpelling) -> String {
        String(String.UnicodeScalarView(spelling.letters.map { $0 ?? "_" }))
    }

    /// Whatever of the two is typed, the other is found.
    @Test(arguments: [
        ("meyer", "maier"), ("meyer", "mayr"), ("maier", "mayr"), ("meier", "mayer"), ("mueller", "muller"),
        ("schroeder", "schroder"),
        ("catherine", "katherine"), ("katherine", "katerine"), ("stephen", "stefen"), ("schmidt", "schmitt"),
        ("schmidt", "schmid"),
        ("philip", "filip"), ("phillip", "philip"), ("jusuf", "yusuf"), ("yusuf", "yousuf"), ("katie", "katy"),
        ("lindsay", "lindsey"),
        ("macdonald", "mcdonald"), ("ivanov", "ivanoff"), ("kowalski", "kowalsky"), ("johnson", "johnsen"),
        ("strauss", "strauß"),
        ("soeren", "søren"), ("alexander", "aleksander"), ("sarah", "sara"), ("wilhelm", "vilhelm"),
    ])
    func soundsAlike(one: String, other: String) {
        #expect(difference(one, other) == .sound)
        #expect(difference(other, one) == .sound)
    }

    @Test(arguments: [("philipp", "filip"), ("christoph", "kristof"), ("szymonn", "simonn")])
    func twoSoundsDiffer(one: String, other: String) {
        #expect(difference(one, other) == .twoSounds)
    }

    @Test func lettersAreSwappedMissingTooManyOrOthers() {
        #expect(difference("jhon", "john") == .swapped)
        #expect(difference("ojhn", "john") == .swapped)
        #expect(difference("jhn", "john") == .missing)
        #expect(difference("smth", "smith") == .missing)
        #expect(difference("smiith", "smith") == .extra)
        #expect(difference("johm", "john") == .replaced)
        #expect(difference("oconnor", "o'connor") == .missing)
        #expect(difference("o'connor", "oconnor") == .extra)
        #expect(difference("annamaria", "anna maria") == nil)
        #expect(AlikeSpellings.of("annamaria").map(text).contains("anna_maria"))
        #expect(difference("annalea", "anna lea") == .missing)
    }

    /// In a long word the rest says enough, so that a letter is left open and one look-up is for all.
    @Test func aLongWordLeavesALetterOpen() {
        let spellings = AlikeSpellings.of("wolfeschlegel").map(text)
        #expect(spellings.contains("wolfe_schlegel") && spellings.contains("wolfes_hlegel"))
        #expect(!spellings.contains("wolfeaschlegel"))
        #expect(AlikeSpellings.of("smith").allSatisfy { !$0.letters.contains(nil) })
    }

    @Test func theLikeliestComeFirstAndEachOnceAndNeverTheWordItself() {
        for word in [
            "meyer", "catherine", "jhon", "anna.berg@example.org", "смирнов", "παπαδοπουλος", "פרידמן", "منصور",
        ] {
            let spellings = AlikeSpellings.of(word)
            #expect(!spellings.isEmpty, "\(word)")
            #expect(spellings.map(\.difference) == spellings.map(\.difference).sorted(), "\(word)")
            #expect(Set(spellings.map(\.letters)).count == spellings.count, "\(word)")
            #expect(!spellings.contains { $0.letters == Array(word.unicodeScalars) }, "\(word)")
        }
    }

    /// Letters of the word's own script are tried, from right to left as well.
    @Test func otherAlphabetsHaveTheirOwnLetters() {
        #expect(difference("смрнов", "смирнов") == .missing)
        #expect(difference("сминров", "смирнов") == .swapped)
        #expect(difference("παπας", "παππας") == .missing)
        #expect(difference("פרדמן", "פרידמן") == .missing)
        #expect(difference("مصور", "منصور") == .missing)
        for spelling in AlikeSpellings.of("фёдор".precomposed) + AlikeSpellings.of("منصور") {
            #expect(
                spelling.letters.allSatisfy { $0.map { $0.value > 0x7F || " -'.".unicodeScalars.contains($0) } ?? true }
            )
        }
    }

    /// Where a sign is a word or a syllable, another sign is another name; and what is no name is like nobody's.
    @Test(arguments: [
        "", "a", "li", "bo", "田中", "高橋花子", "美玲", "하은지우", "ひなた", "ケンジ", "กมลวรรณ", "अनुष्का", "কবিতা", "1234567", "+49-171-55",
        "!!!", "%%%%%",
        "_____", "…—…", "👩‍👩‍👧‍👦👍🏽👍👍", "田meyer", "\u{0}\u{0}\u{0}", "meyer maier",
    ])
    func nothingIsLikeWhatIsNoWordOfLetters(word: String) {
        #expect(AlikeSpellings.of(word).isEmpty)
    }

    /// Another number is somebody else's.
    @Test func digitsStay() {
        let spellings = AlikeSpellings.of("anna1982")
        #expect(!spellings.isEmpty)
        #expect(spellings.allSatisfy { text($0).hasSuffix("1982") })
        #expect(AlikeSpellings.of("bo36").allSatisfy { text($0).hasSuffix("36") })
    }

    @Test func shortSpellingsAreWholeNames() {
        #expect(AlikeSpellings.of("jhon").first { text($0) == "john" }?.isBeginning == false)
        #expect(AlikeSpellings.of("jhonst").first { text($0) == "johnst" }?.isBeginning == true)
    }

    /// However much is typed, it is bounded what is looked up.
    @Test func thereAreNeverVeryMany() {
        #expect(AlikeSpellings.of(String(repeating: "a", count: 10_000)).isEmpty)
        #expect(AlikeSpellings.of(String(repeating: "schtzckphthie", count: 1000)).isEmpty)
        for length in 3...64 {
            for unit in ["a", "ck", "schtzckphthie", "ssß", "f.", "я", "ab1-"] {
                let word = String(String(repeating: unit, count: length).unicodeScalars.prefix(length))
                let spellings = AlikeSpellings.of(word)
                #expect(spellings.count < 600, "\(word): \(spellings.count)")
                #expect(spellings.allSatisfy { (2...80).contains($0.letters.count) })
            }
        }
    }

    /// Anything at all has an answer.
    @Test func anythingHasAnAnswer() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let length = Int.random(in: 0...70, using: &random)
            let scalars = (0..<length).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(in: Bool.random(using: &random) ? 0x20...0x7F : 0x20...0x1F9FF, using: &random))
            }
            #expect(AlikeSpellings.of(String(String.UnicodeScalarView(scalars))).count < 600)
        }
    }
}

extension String {
    /// As search folds it: without the marks that were parts of its letters.
    fileprivate var precomposed: String { replacing("ё", with: "е") }
}
