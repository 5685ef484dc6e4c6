import AccountPolicy
import ConvonetCore
import Testing

@Suite struct ProtectedSpellingTests {
    @Test func protectedDomainsAndAccountsAreKeptInBothSpellings() throws {
        func kept(_ name: String, _ text: String) throws -> String {
            try #require(PolicySetting.all.first { $0.name == name }).json(parsing: text)
        }
        #expect(
            try kept("protected_domains", "@bücher.example, example.org")
                == #"["bücher.example", "xn--bcher-kva.example", "example.org"]"#)
        #expect(
            try kept("protected_domains", "xn--bcher-kva.example") == #"["bücher.example", "xn--bcher-kva.example"]"#)
        #expect(
            try kept("protected_accounts", "ann, Ann@bücher.example")
                == #"["ann", "Ann@bücher.example", "Ann@xn--bcher-kva.example"]"#)
        #expect(try kept("context_words", "bücher.example") == #"["bücher.example"]"#)
    }
}
