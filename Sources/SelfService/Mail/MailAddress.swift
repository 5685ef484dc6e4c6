internal import ConvonetCore
import EmailAddresses

/// An e-mail address that can stand in a header as it is, with a name before it or without.
struct MailAddress: Equatable, Sendable {
    /// The name; empty where there is none.
    let name: String
    /// The address alone, with its domain as DNS spells it.
    let address: String

    /// Reads `a@b` or `Name <a@b>`; nil for anything that mail cannot be sent to, and for a list of addresses.
    init?(from text: String) {
        guard let parsed = EmailAddress(typed: text), parsed.isDeliverable else { return nil }
        let name = text.lastIndex(of: "<").map { String(text[..<$0]) } ?? ""
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        self.name = String(name.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        address = parsed.ascii
    }

    /// The address of somebody as it stands in their row, alone; nil where no mail can be sent to it.
    init?(to text: String) {
        guard !text.contains("<"), let parsed = EmailAddress(typed: text), parsed.isDeliverable else { return nil }
        (name, address) = ("", parsed.ascii)
    }
}
