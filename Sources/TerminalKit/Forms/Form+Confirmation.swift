/// What is wrong with a form, by its own rules and by those of who owns it.
extension Form {
    /// What is wrong with a field; nil where nothing is.
    package func fault(_ id: ID, _ other: (ID) -> String?) -> String? {
        guard let field = self[id] else { return nil }
        if case .text(let typed) = field.content, confirmation != nil || isConfirmedLater, field.takesPaste,
            Self.confirms(typed.text)
        {
            // The word that confirms was typed into a field that is about something else.
            let name = (field.brief ?? field.label).lowercased()
            let word = typed.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return "“\(word)” is not a \(name). Enter one, or clear the field (Ctrl-U)."
        }
        return other(id)
    }

    /// Whether a text is a word that confirms, once or twice, perhaps with the number of those who are meant.
    private static func confirms(_ text: String) -> Bool {
        let word = text.lowercased().filter { !$0.isWhitespace }
        guard word.hasPrefix("yes") else { return false }
        return word == "yesyes" || word.dropFirst(3).allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// The first field with which something is wrong.
    package func firstFault(_ other: (ID) -> String?) -> (field: ID, text: String)? {
        for field in fields { if let text = fault(field.id, other) { return (field.id, text) } }
        return nil
    }

    /// What keeps it from being sent, and where to mend it.
    package func obstacle(
        word: String = "yes", complaint: String? = nil, _ other: (ID) -> String?
    ) -> (field: ID, text: String)? {
        if let found = firstFault(other) { return found }
        return confirmation.flatMap { text($0) == word ? nil : ($0, complaint ?? Self.complaint(text($0))) }
    }

    /// Whoever types more than a word here takes it for another field.
    private static func complaint(_ typed: String) -> String {
        typed.count > 4
            ? "Only yes goes here, to confirm. Shift-Tab goes back to the other fields."
            : "Type yes, in lower case, to confirm."
    }
}
