import EmailAddresses
import Testing

/// One way to read an address, wherever somebody gives one.
@Suite struct EmailAddressTests {
    @Test(arguments: [
        "ann@example.org", "  ann@example.org", "ann@example.org\r\n", "\tann@example.org\u{A0}",
        "\u{200B}ann@example.org",
        "\u{FEFF}ann@example.org\u{2028}", "mailto:ann@example.org", "MailTo: ann@example.org?subject=x",
        "<ann@example.org>", "Ann Carter <ann@example.org>", "<mailto:ann@example.org>", "ann@EXAMPLE.org",
        "ann@example.org.",
    ])
    func whatPeopleGive(text: String) {
        #expect(EmailAddress(typed: text)?.ascii == "ann@example.org")
    }

    @Test(arguments: [
        "", "ann", "@example.org", "ann@", "a@b@c", "a b@example.org", "a@b.example, c@d.example",
        "a@b.example\nBcc: c",
        "a\u{200B}b@example.org", "a\0@example.org", "ann@exa mple.org", "ann@-example.org", "ann@example-.org",
        "ann@a..b",
        "ann@.org", "ann@exa_mple.org", "ann@\u{FFFD}.org", "<ann@example.org", "ann@example.org>", "ann@[192.0.2.1]",
        "ann@" + String(repeating: "a", count: 64) + ".org", "ann@" + String(repeating: "abcdefg.", count: 32) + "org",
    ])
    func whatIsNone(text: String) { #expect(EmailAddress(typed: text) == nil) }

    /// Pairs of IDNA's own documents and of well-known domains.
    @Test(arguments: [
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("münchen.de", "xn--mnchen-3ya.de"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"), ("中国。中国", "xn--fiqs8s.xn--fiqs8s"),
        ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
        ("mail.xn--bcher-kva.example", "mail.xn--bcher-kva.example"),
    ])
    func bothSpellingsOfADomain(text: String, ascii: String) throws {
        let domain = try #require(DomainName(text))
        #expect(domain.ascii == ascii)
        let back = try #require(DomainName(ascii))
        #expect(back == domain && DomainName(domain.unicode) == domain && domain.unicode.utf8.contains { $0 >= 0x80 })
    }

    /// The spelling of a domain must come back the same; where it does not, there is only one.
    /// What people would write for these is no name, or another one.
    @Test(arguments: ["xn--bctrhngrandomn--b4kl", "xn--abc-", "xn--xn--bcher-kva-"])
    func whatCannotBeReadBackHasOneSpelling(label: String) throws {
        let address = try #require(EmailAddress(typed: "a@\(label)x.example") ?? EmailAddress(typed: "a@b\(label)"))
        #expect(EmailAddress(typed: address.unicode)?.ascii == address.ascii)
        guard let address = EmailAddress(typed: "a@\(label)") else { return }
        #expect(EmailAddress(typed: address.unicode)?.ascii == address.ascii && address.unicode == address.ascii)
    }

    @Test(arguments: ["xn--", "xn--a", "xn--!!!", "xn--99999999999", "xn--bcher-KVA-", "xn--a-ecp.ru"])
    func whatOnlyLooksLikeASpelling(label: String) {
        if let domain = DomainName(label + ".example") {
            #expect(DomainName(domain.ascii) == domain && DomainName(domain.unicode) == domain)
        }
    }

    @Test(arguments: [
        ("o'neil+x@example.org", true), ("ann@bücher.example", true), ("änn@example.org", false),
        ("-f@example.org", false),
        ("\"ann\"@example.org", false), ("a(x)@example.org", false), ("a;b@example.org", false),
        (String(repeating: "a", count: 65) + "@example.org", false),
    ])
    func whatMailCanBeSentTo(text: String, isDeliverable: Bool) throws {
        #expect(try #require(EmailAddress(typed: text)).isDeliverable == isDeliverable)
    }
}
