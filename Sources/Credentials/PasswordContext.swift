/// The words that a person's own password must not contain: their names, username and e-mail address, in parts.
///
/// A part is a run of letters, three or more; digits alone do not count. Case, accents and width make no difference, and
/// `Müller` is known as `mueller` too. Runs that the field only separates (`Li-Na`) count joined as well, as do first and
/// last name together, so that names of one or two letters are not lost. Of the e-mail address, the local part and the
/// domain's labels count, without the top-level domain and what is in front of everybody's (`www`, `mail`).
public struct PasswordContext: Equatable, Sendable {
    struct Word: Equatable, Sendable {
        let origin: String
        let folded: [UInt32]
    }

    let words: [Word]

    /// The context of a person; a field that is not known is left empty.
    public init(firstName: String = "", lastName: String = "", username: String = "", email: String = "") {
        let address = email.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        let local = address.first ?? ""
        let labels = address.count > 1 ? ContextWords.distinctiveLabels(ofDomain: address[address.count - 1]) : []
        var words: [Word] = []
        func add(_ folded: [[UInt32]], from origin: String) {
            for word in folded where !words.contains(where: { $0.folded == word }) {
                words.append(Word(origin: origin, folded: word))
            }
        }
        add(ContextWords.parts(of: firstName), from: "first name")
        add(ContextWords.parts(of: lastName), from: "last name")
        add(ContextWords.parts(of: username), from: "username")
        add(ContextWords.parts(of: local), from: "e-mail address")
        for label in labels { add(ContextWords.parts(of: label), from: "e-mail address") }
        if !firstName.isEmpty, !lastName.isEmpty {
            add(ContextWords.parts(of: "\(firstName) \(lastName)"), from: "names")
            add(ContextWords.parts(of: "\(lastName) \(firstName)"), from: "names")
        }
        self.words = words
    }

    /// Nobody's context: for a hash that is made without an account.
    public static let nobody = PasswordContext()
}
