/// Fields from top to bottom, one of which has the focus. What a form is for is said by who owns it, and what is wrong with a
/// field by the `fault` that is given.
package struct Form<ID: Hashable & Sendable>: Equatable, Sendable {
    package private(set) var fields: [FormField<ID>] = []
    package var focus: ID { didSet { if focus != oldValue { isStraying = false } } }
    /// Whether letters are being typed into a choice: digits among them choose nothing.
    private var isStraying = false
    /// The field with the word that confirms; nil where there is none.
    package let confirmation: ID?
    /// Whether the word that confirms is typed after the form, once what would come of it was seen.
    package let isConfirmedLater: Bool

    /// What came of a key or a paste.
    package enum Outcome: Equatable {
        /// The content of the field in focus is another.
        case edited
        /// The focus went from one field to another.
        case moved(from: ID)
        /// It cannot be done; the reason is a sentence.
        case refused(String)
        case ignored
    }

    package init(focus: ID, confirmation: ID? = nil, isConfirmedLater: Bool = false) {
        self.focus = focus
        self.confirmation = confirmation
        self.isConfirmedLater = isConfirmedLater
    }

    /// Takes the fields that there are now; what was filled in stays in those that were there before in the same shape.
    package mutating func set(_ new: [FormField<ID>]) {
        fields = new.map { field in
            guard let old = self[field.id] else { return field }
            var field = field
            switch (old.content, field.content) {
            case (.text, .text), (.secret, .secret): field.content = old.content
            case (.choice(let before), .choice(let now)) where before.options == now.options:
                field.content = old.content
            default: break
            }
            return field
        }
        if self[focus] == nil, let last = fields.last { focus = last.id }
    }

    package subscript(id: ID) -> FormField<ID>? {
        get { fields.first { $0.id == id } }
        set {
            guard let newValue, let index = fields.firstIndex(where: { $0.id == id }) else { return }
            fields[index] = newValue
        }
    }

    /// The text of a field; empty where there is no such field.
    package func text(_ id: ID) -> String {
        if case .text(let field) = self[id]?.content { field.text } else { "" }
    }

    /// The secret that was typed into a field.
    package func secret(_ id: ID) -> SecretEntry {
        if case .secret(let entry) = self[id]?.content { entry } else { SecretEntry() }
    }

    /// Index of the chosen option of a field.
    package func choice(_ id: ID) -> Int? {
        if case .choice(let choice) = self[id]?.content { choice.chosen } else { nil }
    }

    package mutating func choose(_ id: ID, _ index: Int?) {
        guard case .choice(var choice) = self[id]?.content else { return }
        choice.chosen = index
        self[id]?.content = .choice(choice)
    }

    package mutating func setText(_ id: ID, _ text: String) {
        guard case .text(var field) = self[id]?.content else { return }
        field.set(text)
        self[id]?.content = .text(field)
    }

    /// Forgets what was typed as a secret.
    package mutating func wipe(_ id: ID) {
        if case .secret = self[id]?.content { self[id]?.content = .secret(SecretEntry()) }
    }

    package mutating func apply(_ key: Key, fault: (ID) -> String?) -> Outcome {
        switch key {
        case .tab, .down: return move(by: 1)
        case .backTab, .up: return move(by: -1)
        case .character("\u{FFFD}"):
            return .refused("The terminal sent something that is not UTF-8. Check its encoding.")
        default: return edit(key, fault)
        }
    }

    private mutating func edit(_ key: Key, _ fault: (ID) -> String?) -> Outcome {
        switch self[focus]?.content {
        case .text(var field):
            guard field.apply(key) else { return .ignored }
            self[focus]?.content = .text(field)
        case .secret(var entry):
            guard entry.apply(key) else { return .ignored }
            self[focus]?.content = .secret(entry)
        case .choice(var choice):
            if case .character = key {
                isStraying = isStraying || !choice.apply(key)
                if isStraying { return stray(key, fault) }
            } else {
                isStraying = false
                guard choice.apply(key) else { return .ignored }
            }
            self[focus]?.content = .choice(choice)
        case nil: return .ignored
        }
        return edited()
    }

    /// Whoever types on without choosing means the word at the end, if nothing is missing before it.
    private mutating func stray(_ key: Key, _ fault: (ID) -> String?) -> Outcome {
        guard let confirmation else {
            return isConfirmedLater
                ? .refused("What confirms is typed later. Choose here, then press Enter.") : .ignored
        }
        if let found = firstFault(fault) { return .refused(found.text) }
        focus = confirmation
        return edit(key, fault)
    }

    /// A yes holds for what it was typed to.
    private mutating func edited() -> Outcome {
        if let confirmation, self[focus]?.isConfirmed == true { setText(confirmation, "") }
        return .edited
    }

    package mutating func paste(_ text: String) -> Outcome {
        switch self[focus]?.content {
        case .text(var field) where self[focus]?.takesPaste == true:
            field.insert(text)
            self[focus]?.content = .text(field)
        case .secret(var entry):
            // Joined, several lines would be a secret that nobody has written down.
            guard text.split(whereSeparator: \.isNewline).count < 2 else {
                return .refused("This was several lines, and a secret is one: nothing of it was taken.")
            }
            entry.insert(text)
            self[focus]?.content = .secret(entry)
        default: return .refused("Nothing can be pasted here. Type it.")
        }
        return edited()
    }

    package mutating func move(by step: Int) -> Outcome {
        let before = focus
        let index = fields.firstIndex { $0.id == focus } ?? 0
        guard !fields.isEmpty else { return .ignored }
        focus = fields[(index + step + fields.count) % fields.count].id
        return focus == before ? .ignored : .moved(from: before)
    }

    /// Ends what was typed into a choice by mistake: from here on a digit chooses again.
    package mutating func endStraying() { isStraying = false }

    /// The first field behind the focus that `wants` says must be looked at; the last one where none must.
    package mutating func advance(_ wants: (FormField<ID>) -> Bool) {
        let index = fields.firstIndex { $0.id == focus } ?? 0
        if let next = fields[min(index + 1, fields.count)...].first(where: wants) ?? fields.last { focus = next.id }
    }

    /// Whether the field in focus takes text.
    package var isText: Bool {
        if case .choice = self[focus]?.content { false } else { true }
    }

    /// The keys of a form, and what Enter does in it.
    package func hints(choose: String = "1-9 ← →", enter: String) -> [Footer.Hint] {
        [
            Footer.Hint("Enter", enter, priority: 8), Footer.Hint("Tab", "next field", priority: 6),
            isText ? Footer.Hint("Ctrl-U", "clear", priority: 3) : Footer.Hint(choose, "choose", priority: 7),
        ]
    }
}
