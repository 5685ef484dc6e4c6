import Credentials
import FoundationEssentials
import OperatingSystem
import PostgresClient
import TestDatabase
import TestPrograms
import Testing

@testable import ConvonetCore
@testable import SelfService
@testable import SelfServiceCore

/// What people write into their own names, in the mail that goes out under ours.
@Suite struct MailTextTests {
    private func texts(
        _ name: String, address: String = "ann@example.org", service: String = "Convonet", directory: String? = nil
    ) throws -> (subject: String, plain: String, html: String) {
        let templates = try MailTemplates(
            directory: directory, serviceName: service, publicURL: "https://app.example.org/reset")
        let mail = QueuedMail(
            content: .link(expiresAt: .now), token: ResetToken(), address: address, firstName: name, occurredAt: .now,
            number: 1, attempt: 1)
        return templates.texts(of: mail, to: try #require(MailAddress(to: address)))
    }

    @Test(arguments: [
        "Ann", "Ann-Marie O\u{2019}Neil", "Dr. Ann", "J.R.", "José", "さくら", "Ngô Đình", "محمد", "Anne 2",
        "L\u{B7}luís", "क्\u{200D}ष",
    ])
    func aNameIsAName(name: String) throws {
        #expect(SalutationName.plain(name) == name)
        #expect(try texts(name).plain.contains("Hello \(name),\n"))
    }

    @Test(arguments: [
        "http://evil.example\nClick", "evil.example", "Ann\nYour account is closed: call us", "www.evil.example/x",
        "a@b.example", "Ann\u{2028}Click", "Ann\u{202E}nnA", "evil\u{3002}example", "evil\u{FF0E}example",
        "tel 0800123456",
        "<a href=x>", "{{link}}", "Ann\tAnn", "", " ", "\u{FEFF}", String(repeating: "Ann ", count: 20), "hxxp:evil",
        "😀",
    ])
    func whatIsMoreThanANameIsNotRepeated(name: String) throws {
        let texts = try texts(name)
        #expect(texts.plain.contains("Hello ann@example.org,\n"))
        if name.count > 1 {
            for text in [texts.subject, texts.plain, texts.html] { #expect(!text.contains(name)) }
        }
        #expect(texts.html.ranges(of: "<a ").count == 1)
    }

    @Test func anAddressIsGivenWithoutWhatStandsAroundIt() throws {
        let texts = try texts("", address: "\u{200B}ann@b\u{fc}cher.example\r\n")
        #expect(texts.plain.contains("Hello ann@xn--bcher-kva.example,\n"))
        #expect(MailAddress(to: "http://evil.example/ <ann@example.org>") == nil)
    }

    /// An editor may have written some lines of a template otherwise than the rest; a link in the subject would be in every log of mail.
    @Test(arguments: [
        "Subject: Hi\r\n\r\n{{link}}\r\nBye\n", "Subject: Hi\n\r\n{{link}}\r\n", "Subject: Hi\r\n{{link}}\r\n",
    ])
    func aSubjectIsOneLineWhateverEndsIt(template: String) throws {
        let directory = try ScratchDirectory()
        try directory.write("link.txt", template)
        let texts = try texts("Ann", directory: directory.path)
        #expect(texts.subject == "Hi" && texts.plain.hasPrefix("https://app.example.org/reset"), "\(texts.subject)")
    }

    @Test func theMailWithACodeBeginsWithWhenItIsAskedFor() throws {
        let templates = try MailTemplates(
            directory: nil, serviceName: "Convonet", publicURL: "https://app.example.org/")
        let code = try #require(CallerCode(for: CallerKey().publicKey))
        let mail = QueuedMail(
            content: .callerCode(code, expiresAt: .now), token: ResetToken(), address: "ann@example.org",
            firstName: "Ann", occurredAt: .now, number: 1, attempt: 1)
        let texts = templates.texts(of: mail, to: try #require(MailAddress(to: "ann@example.org")))
        #expect(texts.plain.hasPrefix("Our staff asks for this code only when you have called us.\n"))
        for text in [texts.plain, texts.html] { #expect(text.contains(code.readable)) }
        #expect(!texts.subject.contains(code.readable) && !texts.plain.contains(mail.token.text))
        #expect(mail.secret == code.readable && CallerCode.digits(of: code.readable) == code.digits)
    }

    @Test func aTemporaryPasswordIsSaidToBeOne() throws {
        let templates = try MailTemplates(
            directory: nil, serviceName: "Convonet", publicURL: "https://app.example.org/reset")
        func texts(_ content: QueuedMail.Content, until: Timestamp? = nil) throws -> [String] {
            let mail = QueuedMail(
                content: content, token: ResetToken(), address: "ann@example.org", firstName: "Ann",
                temporaryUntil: until, occurredAt: .now, number: 1, attempt: 1)
            let texts = templates.texts(of: mail, to: try #require(MailAddress(to: "ann@example.org")))
            #expect(!texts.plain.contains("{{") && !texts.html.contains("{{"))
            return [texts.plain, texts.html]
        }
        let notice = QueuedMail.Content.notice(action: "reset_password", byThemselves: false)
        let end = Timestamp(microseconds: 1_769_851_800_000_000)
        for text in try texts(notice, until: end) {
            #expect(text.contains("It is temporary: set a password of your own by 2026-01-31 09:30 UTC, or it stops"))
        }
        for text in try texts(notice) { #expect(!text.contains("temporary")) }
        for text in try texts(.linkAfterExpiry(expiresAt: end)) {
            #expect(text.contains("has expired") && text.contains("https://app.example.org/reset?token="))
        }
    }

    /// What people or programs are called is repeated to those who decide only where it cannot be a link.
    @Test func aMailToApproversHasNoLink() throws {
        let templates = try MailTemplates(
            directory: nil, serviceName: "Convonet", publicURL: "https://app.example.org/auth/reset-password")
        func texts(_ email: String, _ user: String, _ name: String?, waiting: Int) throws -> [String] {
            let told = ApproverMail(
                action: "issue_voice_pin", accountID: UUID(), accountEmail: email, requestedBy: user,
                operatorName: name,
                expiresAt: .now, waiting: waiting)
            let mail = QueuedMail(
                content: .approvalRequest(told), token: ResetToken(), address: "second@example.org", firstName: "",
                occurredAt: .now, number: 1, attempt: 1)
            let texts = templates.texts(of: mail, to: try #require(MailAddress(to: "second@example.org")))
            for text in [texts.subject, texts.plain, texts.html] {
                #expect(!text.contains("{{") && !text.contains("http") && !text.contains(mail.token.text))
            }
            return [texts.plain, texts.html]
        }
        for text in try texts("ann@example.org", "anna", "anna.m", waiting: 1) {
            #expect(text.contains("anna asks for a second person: ") && text.contains("for ann@example.org."))
            #expect(!text.contains("requests wait"))
        }
        for text in try texts("https://evil.example/?@x.example", "https://evil.example", "evil.example", waiting: 4) {
            #expect(!text.contains("evil") && text.contains("for account ") && text.contains("an operator asks"))
            #expect(text.contains("4 of their requests wait."))
        }
        #expect(try texts("ann@example.org", "anna", "root", waiting: 1)[0].contains("anna (root) asks"))
    }

    @Test func aSubjectIsOneLine() throws {
        let subject = try texts("Ann", service: "A\u{2028}B\u{202E}C\r\nD").subject
        #expect(subject == "Set a new password for A B C  D")
    }
}
