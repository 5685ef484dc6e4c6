import ConvonetCore
import TerminalKit

extension ResetDialog {
    func draw(
        _ line: Line, into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ context: ConsoleContext
    ) {
        let labels = Self.labelColumns(columns)
        let second = column + labels
        let room = max(0, columns - labels)
        switch line {
        case .text(let text, let style):
            buffer.write(text, column: column, row: row, style: style, limit: columns)
        case .pair(let label, let text, let style):
            buffer.write(label, column: column, row: row, style: .dim, limit: labels - 1)
            buffer.write(text, column: second, row: row, style: style, limit: room)
        case .strength:
            let score = assessment?.score ?? 0
            let words = ["very weak", "weak", "fair", "good", "strong"]
            let styles: [Style] = [.danger, .danger, .caution, .good, .good]
            Meter(filled: score, total: 4, word: words[score], style: styles[score])
                .draw(into: &buffer, column: second, row: row, columns: 20, limit: room)
        case .newValue(let label, let text):
            buffer.write(label, column: column, row: row, style: .dim, limit: labels - 1)
            buffer.write(text, column: second, row: row, style: .strong, limit: room)
            buffer.cursor = Position(column: second, row: row)
        case .field(let field):
            let isFocused = field == focus
            buffer.write(
                label(field, context.policy, columns), column: column, row: row, style: isFocused ? .title : .dim,
                limit: labels - 1)
            draw(field, into: &buffer, column: second, row: row, columns: room, isFocused, context)
        }
    }

    private func label(_ field: Field, _ policy: Policy, _ room: Int) -> String {
        func text(_ name: String, required: Bool) -> String {
            if required { return name + " *" }
            return Self.labelColumns(room) > 17 ? name + " (optional)" : name
        }
        return switch field {
        case .method: "New value"
        case .secret: secretLabel(room)
        case .again: "Again"
        case .weak: "Type weak"
        case .localPassword: "Local"
        case .verifiedBy: "Verified by *"
        case .reason: text("Reason", required: policy.requiresReason)
        case .ticket: text("Ticket", required: policy.requiresTicket)
        case .confirmation: isProtected == true ? "Its username" : "Type yes"
        }
    }

    func secretLabel(_ room: Int) -> String {
        if kind == .password { return "New password" }
        return Self.labelColumns(room) > 13 ? "New voice PIN" : "New PIN"
    }

    private func draw(
        _ field: Field, into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ isFocused: Bool,
        _ context: ConsoleContext
    ) {
        func text(_ field: TextField, _ width: Int) {
            field.draw(into: &buffer, column: column, row: row, columns: min(width, columns), focused: isFocused)
        }
        switch field {
        case .method:
            drawMethods(
                kind.methods(context.policy), into: &buffer, column: column, row: row, columns: columns, isFocused)
        case .secret: draw(secret, into: &buffer, column: column, row: row, columns: columns, isFocused)
        case .again: draw(again, into: &buffer, column: column, row: row, columns: columns, isFocused, compared: true)
        case .weak: text(weakWord, 10)
        case .localPassword:
            let mark = wantsLocalPassword ? "[x]" : "[ ]"
            buffer.write(
                "\(mark) a password here instead (Space)", column: column, row: row,
                style: isFocused ? .focusedField : .plain, limit: columns)
            if isFocused { buffer.cursor = Position(column: column + 1, row: row) }
        case .verifiedBy:
            let chosen = verification.map { context.policy.verificationMethods[$0].name } ?? "choose"
            buffer.write(
                "‹ \(chosen) ›", column: column, row: row, style: isFocused ? .focusedField : .field, limit: columns)
            if isFocused { buffer.cursor = Position(column: column, row: row) }
        case .reason: text(reason, columns)
        case .ticket: text(ticket, 30)
        case .confirmation: text(confirmation, isProtected == true ? columns : 10)
        }
    }

    private func drawMethods(
        _ methods: [Method], into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ isFocused: Bool
    ) {
        let choices = methods.map { "(\($0 == method ? "•" : " ")) \(name($0))" }
        guard choices.reduce(-3, { $0 + TextWidth.columns(of: $1) + 3 }) <= columns else {
            let place = (methods.firstIndex(of: method) ?? 0) + 1
            let text = "‹ \(name(method)) › \(place) of \(methods.count)"
            buffer.write(text, column: column, row: row, style: isFocused ? .focusedField : .strong, limit: columns)
            if isFocused { buffer.cursor = Position(column: column, row: row) }
            return
        }
        var at = column
        for (choice, text) in zip(methods, choices) {
            let isChosen = choice == method
            let style: Style = isChosen ? (isFocused ? .focusedField : .strong) : .plain
            if isChosen, isFocused { buffer.cursor = Position(column: at + 1, row: row) }
            at += buffer.write(text, column: at, row: row, style: style) + 3
        }
    }

    private func name(_ method: Method) -> String {
        switch method {
        case .drawn: kind == .password ? "Generate" : "Issue"
        case .typed: "Type"
        case .cleared: "Clear"
        }
    }

    private func draw(
        _ entry: SecretEntry, into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ isFocused: Bool,
        compared: Bool = false
    ) {
        let width = max(1, min(40, columns - (compared ? 9 : 0)))
        if revealedUntil != nil {
            let shown = TextField(entry.secret.revealedText())
            shown.draw(into: &buffer, column: column, row: row, columns: width, focused: isFocused)
        } else {
            MaskedField(characters: entry.secret.codePointCount, cursor: entry.cursor)
                .draw(into: &buffer, column: column, row: row, columns: width, focused: isFocused)
        }
        guard compared, !entry.isEmpty else { return }
        let isEqual = secret.secret == again.secret
        buffer.write(
            isEqual ? "the same" : "differs", column: column + width + 1, row: row, style: isEqual ? .good : .caution,
            limit: max(0, columns - width - 1))
    }
}
