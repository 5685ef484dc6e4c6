internal import ConvonetCore
internal import FoundationEssentials
import SelfServiceCore

/// The words of a mail that says who asks for approval.
///
/// What people or other programs call themselves could be a link, to those who are asked to decide: only what cannot be one is
/// repeated.
enum ApprovalText {
    /// What the template's places stand for.
    static func values(_ mail: ApproverMail) -> [String: String] {
        [
            "who": asker(mail), "what": ActionName.words(mail.action), "account": account(mail),
            "more": mail.waiting > 1 ? " \(mail.waiting) of their requests wait." : "",
        ]
    }

    private static func asker(_ mail: ApproverMail) -> String {
        let user = isWord(mail.requestedBy, besides: "_-.@") ? mail.requestedBy : "an operator"
        guard let name = mail.operatorName, name != mail.requestedBy, isWord(name, besides: "_-") else { return user }
        return "\(user) (\(name))"
    }

    /// An address, or the id of an account that has none which looks like one.
    private static func account(_ mail: ApproverMail) -> String {
        let email = mail.accountEmail
        guard isWord(email, besides: "@.+-_"), email.count(where: { $0 == "@" }) == 1, MailAddress(to: email) != nil
        else {
            return "account \(mail.accountID.uuidString.lowercased())"
        }
        return email
    }

    private static func isWord(_ text: String, besides others: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: others.utf8.contains(byte)
                }
            }
    }
}
