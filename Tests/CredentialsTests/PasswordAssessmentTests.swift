import Testing

@testable import Credentials

@Suite struct PasswordAssessmentTests {
    static let person = PasswordContext(
        firstName: "José", lastName: "O'Neil-Müller", username: "jm.rocket77",
        email: "sakura.v.2001@mail.acme-labs.co.jp")

    func rules(
        _ text: String, _ policy: PasswordPolicy = .standard, _ context: PasswordContext = .nobody,
        _ list: Blocklist? = nil
    ) -> [PasswordRule] {
        rules(Array(text.utf8), policy, context, list)
    }

    func rules(
        _ bytes: [UInt8], _ policy: PasswordPolicy = .standard, _ context: PasswordContext = .nobody,
        _ list: Blocklist? = nil
    ) -> [PasswordRule] {
        PasswordAssessment.assess(Secret(utf8: bytes), policy: policy, context: context, blocklist: list).findings.map(
            \.rule)
    }

    @Test(arguments: [
        "maple river kettle", "Kmwp-7d4x-9rtv-h3kc", "смешной утюг летает", "紫色电话跳舞大象", "gläserne Kuckucksuhr",
    ])
    func acceptsGoodOnes(text: String) {
        let assessment = PasswordAssessment.assess(Secret(copying: text), policy: .standard, context: Self.person)
        #expect(assessment.verdict(allowWeak: false) == .accepted, "\(assessment.findings)")
        #expect(assessment.score >= 3)
    }

    @Test func boundsOfBcrypt() {
        let text = "kettle maple river: 9 blue trains, one green piano and two loud owls by7"
        let base = Array(text.utf8)
        #expect(base.count == 72)
        #expect(rules(Array(base.dropLast())) == [])
        #expect(rules(base) == [])
        #expect(rules(base + [0x78]) == [.tooLong])
        // 71 bytes and one letter of two bytes.
        #expect(rules(Array(base.dropLast()) + Array("é".utf8)) == [.tooLong])
        #expect(rules(Array(base.dropLast(2)) + Array("é".utf8)) == [])
    }

    @Test func malformedOnes() {
        #expect(rules([]) == [.empty])
        #expect(rules(Array("maple river".utf8) + [0] + Array("kettle".utf8)) == [.nul])
        #expect(rules(Array("maple river kettle".utf8) + [0xC3]) == [.notUTF8])
        #expect(rules("          ").contains(.spacesOnly))
        #expect(rules("\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}\u{3000}").contains(.spacesOnly))
    }

    @Test func countsCodePoints() throws {
        #expect(rules("王x7水Qm火").contains(.tooShort))
        #expect(!rules("王x7水Qm火9").contains(.tooShort))
        let six = PasswordPolicy(minimumLength: 6, minimumScore: 0)
        #expect(rules("kq7x2m", six) == [])
        #expect(rules("kq7x2", six) == [.tooShort])
    }

    @Test(arguments: [
        "xx-jose-kettle", "JOSÉ maple river", "jos\u{65}\u{301} maple river", "river NEIL maple", "mueller-kettle-9",
        "MÜLLER kettle 9", "muller kettle 9", "rocket kettle maple", "Sakura river kettle", "my labs river kettle",
        "the acme river kettle", "ｒｏｃｋｅｔ kettle river", "oneil river kettle",
    ])
    func refusesThePersonsOwnWords(text: String) {
        #expect(rules(text, .standard, Self.person).first == .containsName)
        #expect(!rules(text).contains(.containsName))
    }

    @Test(arguments: ["email river kettle", "77 maple 2001 river", "jm maple v river", "comjp river kettle maple"])
    func leavesShortAndCommonPartsAlone(text: String) {
        #expect(!rules(text, .standard, Self.person).contains(.containsName))
    }

    @Test func knowsNamesOfOtherScripts() {
        let pairs: [(PasswordContext, String)] = [
            (PasswordContext(firstName: "小明", lastName: "王"), "紫色王小明跳舞大象"),
            (PasswordContext(firstName: "Li", lastName: "Wu"), "maple-wuli-kettle"),
            (PasswordContext(lastName: "Фёдорова"), "maple ФЕДОРОВА kettle"),
            (PasswordContext(firstName: "Ελένη"), "maple ΕΛΕΝΗ kettle"),
            (
                PasswordContext(lastName: "김민수"),
                "maple \u{1100}\u{1175}\u{11B7}\u{1106}\u{1175}\u{11AB}\u{1109}\u{116E} kettle"
            ),
            (PasswordContext(firstName: "Işıl"), "maple isil kettle"),
        ]
        for (context, text) in pairs { #expect(rules(text, .standard, context) == [.containsName], "\(text)") }
    }

    @Test func refusesTheOrganisationsWordsAndList() throws {
        let policy = PasswordPolicy(contextWords: ["Convonet", "Blue Whale"])
        #expect(rules("my CONVONET kettle river", policy) == [.containsOrganisationWord])
        #expect(rules("tall whale kettle river", policy) == [.containsOrganisationWord])
        let list = try Blocklist(fileContents: Array("Maple River Kettle\n".utf8))
        #expect(rules("maple river kettle", .standard, .nobody, list) == [.organisationList])
    }

    /// In another spelling a word is not refused, but makes the password weak: as the first of the list as well as the last.
    @Test func wordsCountTheSameHoweverManyThereAre() throws {
        let many = (0..<4000).map { number in
            let letters = (0..<4).map { UInt8(0x61) + UInt8(number / [1, 26, 676, 17_576][$0] % 26) }
            return "qx" + String(decoding: letters, as: UTF8.self) + "xq"
        }
        let first = PasswordPolicy(contextWords: ["bluewhale"] + many)
        let last = PasswordPolicy(contextWords: many + ["bluewhale"])
        let alone = PasswordPolicy(contextWords: ["bluewhale"])
        for text in ["b1uewh4le2", "tall bluewhale kettle", "Maple River, kettle 41", "$1tting under t1mbre"] {
            func assess(_ policy: PasswordPolicy) -> PasswordAssessment {
                PasswordAssessment.assess(Secret(copying: text), policy: policy, context: .nobody)
            }
            #expect(assess(last) == assess(alone), "\(text)")
            #expect(assess(first) == assess(alone), "\(text)")
        }
        #expect(rules("b1uewh4le2", last) == [.tooWeak])
        #expect(rules("tall bluewhale kettle", last) == [.containsOrganisationWord])
    }

    @Test func zxcvbnGetsOnlyTheWordsThatItCanFind() {
        let words = OrganisationWords(["whale", "water", "zebra", "tea"])
        func possible(_ text: String) -> [String] {
            let bytes = Array(text.utf8)
            return bytes.withUnsafeBytes { bytes in
                let places = LetterPlaces(bytes)
                return words.words(possibleIn: places).map {
                    String(String.UnicodeScalarView($0.compactMap(Unicode.Scalar.init)))
                }
            }
        }
        #expect(possible("a Wh4le") == ["whale"])
        #expect(possible("elahw retaw") == [])
        #expect(possible("hot+34") == ["tea"])
        #expect(possible("whal") == [] && possible("") == [])
    }

    @Test func whatIsNotSeenHidesNoWord() throws {
        let policy = PasswordPolicy(contextWords: ["Convonet"])
        for hidden in ["\u{AD}", "\u{200B}", "\u{61C}", "\u{FE0F}", "\u{E0041}", "\u{2060}"] {
            #expect(rules("my con\(hidden)vonet kettle river", policy).contains(.containsOrganisationWord))
        }
    }

    @Test(arguments: [
        ("\u{FEFF}maple river kettle", PasswordRule.invisibleEnd), ("maple river kettle\u{A0}", .invisibleEnd),
        ("maple river kettle\u{200D}", .invisibleEnd), ("maple river kettle\u{FE0F}", .invisibleEnd),
        ("maple\triver kettle", .controlCharacter), ("maple\u{1B}[31m river kettle", .controlCharacter),
        ("maple river kettle\u{85}", .controlCharacter), ("maple river kettle\r\n", .controlCharacter),
    ])
    func refusesWhatNobodyTypes(text: String, rule: PasswordRule) {
        #expect(rules(text) == [rule])
        #expect(throws: CredentialFailure.self) { try Secret(copying: text).entered() }
    }

    @Test(arguments: [
        " maple river kettle ", "maple river kettle \u{2764}\u{FE0F}", "mapl\u{301}e river kettle",
        "maple\u{200D}river kettle",
    ])
    func takesWhatIsSeen(text: String) {
        #expect(Secret(copying: text).entryFault == nil)
    }

    @Test(arguments: [
        ("u\u{308}", "ü"), ("\u{1112}\u{1161}\u{11AB}", "한"), ("e\u{302}\u{301}", "ế"), ("\u{212B}", "Å"),
        ("\u{958}", "\u{915}\u{93C}"), ("\u{9C7}\u{9BE}", "\u{9CB}"), ("q\u{307}\u{323}", "q\u{323}\u{307}"),
        ("ASCII", "ASCII"),
    ])
    func aSecretIsComposed(text: String, composed: String) {
        let one = Secret(copying: "x" + text + "y").composed
        #expect(one == Secret(copying: "x" + composed + "y"))
        #expect(one.composed == one && one.isValidUTF8)
    }

    @Test func whatIsNoTextStaysAsItIs() {
        let secret = Secret(utf8: [0x75, 0xCC, 0x88, 0xFF])
        #expect(secret.composed == secret)
    }

    @Test func composition() throws {
        let policy = PasswordPolicy(
            requiresUppercase: true, requiresLowercase: true, requiresDigit: true, requiresSymbol: true)
        #expect(rules("maple river kettle", policy) == [.needsUppercase, .needsDigit, .needsSymbol])
        #expect(rules("MAPLE RIVER KETTLE 7!", policy) == [.needsLowercase])
        #expect(rules("Maple river, kettle 7", policy) == [])
        #expect(rules("Жёлтый утюг, летает 7", policy) == [])
    }

    @Test(arguments: ["парольпароль", "йцукенгш", "абвгдежзик", "ああああああああ", "αααααααααα", "pässwörd"])
    func ratesOtherScriptsCarefully(text: String) {
        #expect(rules(text).contains(.tooWeak))
    }

    @Test func weakAndShortCanBeLetThrough() throws {
        func verdict(_ text: String, _ policy: PasswordPolicy, allowWeak: Bool = true) -> PasswordAssessment.Verdict {
            PasswordAssessment.assess(Secret(copying: text), policy: policy, context: Self.person)
                .verdict(allowWeak: allowWeak)
        }
        func refusal(_ verdict: PasswordAssessment.Verdict) -> PasswordRule? {
            if case .refused(let finding) = verdict { finding.rule } else { nil }
        }
        let strict = PasswordPolicy(allowsWeak: false)
        let digits = PasswordPolicy(requiresDigit: true)
        #expect(verdict("kitten12", .standard) == .acceptedAsWeak([.tooWeak]))
        #expect(verdict("kitte7", .standard) == .acceptedAsWeak([.tooShort, .tooWeak]))
        #expect(refusal(verdict("kitten12", .standard, allowWeak: false)) == .tooWeak)
        #expect(refusal(verdict("kitten12", strict)) == .tooWeak)
        #expect(refusal(verdict("kitt7", .standard)) == .tooShort)
        #expect(refusal(verdict("password", .standard)) == .common)
        #expect(refusal(verdict("jose1234", .standard)) == .containsName)
        #expect(refusal(verdict("kittenkit", digits)) == .needsDigit)
        #expect(refusal(verdict("", .standard)) == .empty)
        #expect(refusal(verdict(String(repeating: "a", count: 73), .standard)) == .tooLong)
    }

    @Test func messagesTellTheRuleAndNotThePassword() {
        for text in ["kitten12", "password", "jose-rocket", "k1tt7", "          ", "dragon"] {
            let assessment = PasswordAssessment.assess(Secret(copying: text), policy: .standard, context: Self.person)
            #expect(!assessment.findings.isEmpty)
            for finding in assessment.findings {
                #expect(finding.message.hasSuffix("."))
                for part in ["kitten", "dragon", "jose", "rocket", "k1tt7"] { #expect(!finding.message.contains(part)) }
            }
        }
    }

    @Test func veryLongInputIsJudged() {
        #expect(rules(String(repeating: "maple river ", count: 100_000)).first == .tooLong)
    }
}
