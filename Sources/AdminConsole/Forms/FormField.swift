import TerminalKit

/// One field of a form.
struct FormField<ID: Hashable & Sendable>: Equatable, Sendable {
    /// What can be filled in.
    enum Content: Equatable, Sendable {
        /// A line of text.
        case text(TextField)
        /// A secret that is typed.
        case secret(SecretEntry)
        /// One of several options.
        case choice(ChoiceField)
    }

    var id: ID
    var label: String
    /// The label where there is little room; nil for the same.
    var brief: String?
    var isRequired = false
    var content: Content
    /// The most cells that a text is drawn over.
    var columns = Int.max
    /// Whether pasted text is taken; else it is a word that has to be typed.
    var takesPaste = true
    /// Whether a confirmation holds only for what is in it now.
    var isConfirmed = false

    var isEmpty: Bool {
        switch content {
        case .text(let field): field.text.allSatisfy(\.isWhitespace)
        case .secret(let entry): entry.isEmpty
        case .choice(let choice): choice.chosen == nil
        }
    }
}
