import TerminalKit

/// One field of a form.
struct FormField<ID: Hashable & Sendable>: Equatable, Sendable {
    /// What can be filled in.
    enum Content: Equatable, Sendable {
        /// A line of text, drawn over at most so many cells; where pasted text is not taken, it has to be typed.
        case text(TextField, columns: Int = .max, takesPaste: Bool = true)
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

    var isEmpty: Bool {
        switch content {
        case .text(let field, _, _): field.text.allSatisfy(\.isWhitespace)
        case .secret(let entry): entry.isEmpty
        case .choice(let choice): choice.chosen == nil
        }
    }
}

/// Fields from top to bottom, one of which has the focus. What a form is for is said by who owns it.
struct Form<ID: Hashable & Sendable>: Equatable, Sendable {
    private(set) var fields: [FormField<ID>] = []
    var focus: ID { didSet { if focus != oldValue { isStraying = false } } }
    /// Whether letters are being typed into a choice: digits among them choose nothing.
    private var isStraying = false

    /// What came of a key or a paste.
    enum Outcome: Equatable {
        /// The content of the field in focus is another.
        case edited
        /// The focus went from one field to another.
        case moved(from: ID)
        /// What was typed into a choice was meant for the word to type.
        case strayed(String)
        /// It cannot be done; the reason is a sentence.
        case refused(String)
        case ignored
    }

    init(focus: ID) { self.focus = focus }

    /// Takes the fields that there are now; what was filled in stays in those that were there before in the same shape.
    mutating func set(_ new: [FormField<ID>]) {
        fields = new.map { field in
            guard let old = self[field.id] else { return field }
            var field = field
            switch (old.content, field.content) {
            case (.text(let text, _, _), .text(_, let columns, let takesPaste)):
                field.content = .text(text, columns: columns, takesPaste: takesPaste)
            case (.secret, .secret): field.content = old.content
            case (.choice(let before), .choice(let now)) where before.options == now.options:
                field.content = .choice(before)
            default: break
            }
            return field
        }
        if self[focus] == nil, let last = fields.last { focus = last.id }
    }

    subscript(id: ID) -> FormField<ID>? {
        get { fields.first { $0.id == id } }
        set {
            guard let newValue, let index = fields.firstIndex(where: { $0.id == id }) else { return }
            fields[index] = newValue
        }
    }

    /// The text of a field; empty where there is no such field.
    func text(_ id: ID) -> String {
        if case .text(let field, _, _) = self[id]?.content { field.text } else { "" }
    }

    /// The secret that was typed into a field.
    func secret(_ id: ID) -> SecretEntry {
        if case .secret(let entry) = self[id]?.content { entry } else { SecretEntry() }
    }

    /// Index of the chosen option of a field.
    func choice(_ id: ID) -> Int? {
        if case .choice(let choice) = self[id]?.content { choice.chosen } else { nil }
    }

    mutating func choose(_ id: ID, _ index: Int?) {
        guard case .choice(var choice) = self[id]?.content else { return }
        choice.chosen = index
        self[id]?.content = .choice(choice)
    }

    mutating func setText(_ id: ID, _ text: String) {
        guard case .text(var field, let columns, let takesPaste) = self[id]?.content else { return }
        field.set(text)
        self[id]?.content = .text(field, columns: columns, takesPaste: takesPaste)
    }

    /// Forgets what was typed as a secret.
    mutating func wipe(_ id: ID) {
        if case .secret = self[id]?.content { self[id]?.content = .secret(SecretEntry()) }
    }

    mutating func apply(_ key: Key) -> Outcome {
        switch key {
        case .tab, .down: return move(by: 1)
        case .backTab, .up: return move(by: -1)
        case .character("\u{FFFD}"):
            return .refused("The terminal sent something that is not UTF-8. Check its encoding.")
        default: return edit(key)
        }
    }

    private mutating func edit(_ key: Key) -> Outcome {
        switch self[focus]?.content {
        case .text(var field, let columns, let takesPaste):
            guard field.apply(key) else { return .ignored }
            self[focus]?.content = .text(field, columns: columns, takesPaste: takesPaste)
        case .secret(var entry):
            guard entry.apply(key) else { return .ignored }
            self[focus]?.content = .secret(entry)
        case .choice(var choice):
            if case .character(let character) = key, isStraying || !choice.apply(key) {
                // A space begins no word.
                if character == " ", !isStraying { return .ignored }
                isStraying = true
                return .strayed(String(character))
            }
            if case .character = key {
            } else {
                isStraying = false
                guard choice.apply(key) else { return .ignored }
            }
            self[focus]?.content = .choice(choice)
        case nil: return .ignored
        }
        return .edited
    }

    mutating func paste(_ text: String) -> Outcome {
        switch self[focus]?.content {
        case .text(var field, let columns, true):
            field.paste(text)
            self[focus]?.content = .text(field, columns: columns)
        case .secret(var entry):
            entry.paste(text)
            self[focus]?.content = .secret(entry)
        default: return .refused("Nothing can be pasted here. Type it.")
        }
        return .edited
    }

    mutating func move(by step: Int) -> Outcome {
        let before = focus
        let index = fields.firstIndex { $0.id == focus } ?? 0
        guard !fields.isEmpty else { return .ignored }
        focus = fields[(index + step + fields.count) % fields.count].id
        return focus == before ? .ignored : .moved(from: before)
    }

    /// Ends what was typed into a choice by mistake: from here on a digit chooses again.
    mutating func endStraying() { isStraying = false }

    /// The first field behind the focus that `wants` says must be looked at; the last one where none must.
    mutating func advance(_ wants: (FormField<ID>) -> Bool) {
        let index = fields.firstIndex { $0.id == focus } ?? 0
        if let next = fields[min(index + 1, fields.count)...].first(where: wants) ?? fields.last { focus = next.id }
    }

    /// Whether the field in focus takes text.
    var isText: Bool {
        if case .choice = self[focus]?.content { false } else { true }
    }
}
