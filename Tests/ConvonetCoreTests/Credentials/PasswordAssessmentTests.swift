import ConvonetCore
import Testing

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
        let six = try PasswordPolicy(minimumLength: 6, minimumScore: 0)
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
        let policy = try PasswordPolicy(contextWords: ["Convonet", "Blue Whale"])
        #expect(rules("my CONVONET kettle river", policy) == [.containsOrganisationWord])
        #expect(rules("tall whale kettle river", policy) == [.containsOrganisationWord])
        let list = try Blocklist(fileContents: Array("Maple River Kettle\n".utf8))
        #expect(rules("maple river kettle", .standard, .nobody, list) == [.organisationList])
    }

    @Test func composition() throws {
        let policy = try PasswordPolicy(
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
        let strict = try PasswordPolicy(allowsWeak: false)
        let digits = try PasswordPolicy(requiresDigit: true)
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

    @Test func policyHasBounds() {
        #expect(throws: CredentialFailure.self) { try PasswordPolicy(minimumLength: 5) }
        #expect(throws: CredentialFailure.self) { try PasswordPolicy(minimumLength: 65) }
        #expect(throws: CredentialFailure.self) { try PasswordPolicy(minimumScore: 5) }
        #expect(throws: CredentialFailure.self) { try PasswordPolicy(bcryptCost: 9) }
        #expect((try? PasswordPolicy()) == .standard)
    }
}
