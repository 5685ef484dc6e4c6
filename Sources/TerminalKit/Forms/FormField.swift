/// One field of a form.
package struct FormField<ID: Hashable & Sendable>: Equatable, Sendable {
    /// What can be filled in.
    package enum Content: Equatable, Sendable {
        /// A line of text.
        case text(TextField)
        /// A secret that is typed.
        case secret(SecretEntry)
        /// One of several options.
        case choice(ChoiceField)
    }

    package var id: ID
    package var label: String
    /// The label where there is little room; nil for the same.
    package var brief: String?
    package var isRequired = false
    package var content: Content
    /// The most cells that a text is drawn over.
    package var columns = Int.max
    /// Whether pasted text is taken; else it is a word that has to be typed.
    package var takesPaste = true
    /// Whether a confirmation holds only for what is in it now.
    package var isConfirmed = false

    package init(
        id: ID, label: String, brief: String? = nil, isRequired: Bool = false, content: Content, columns: Int = .max,
        takesPaste: Bool = true, isConfirmed: Bool = false
    ) {
        self.id = id
        self.label = label
        self.brief = brief
        self.isRequired = isRequired
        self.content = content
        self.columns = columns
        self.takesPaste = takesPaste
        self.isConfirmed = isConfirmed
    }

    package var isEmpty: Bool {
        switch content {
        case .text(let field): field.text.allSatisfy(\.isWhitespace)
        case .secret(let entry): entry.isEmpty
        case .choice(let choice): choice.chosen == nil
        }
    }
}
