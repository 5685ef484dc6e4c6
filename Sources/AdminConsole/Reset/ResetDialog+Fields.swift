import ConvonetCore
import TerminalKit

extension ResetDialog {
    private static let labels = 14

    func draw(
        _ line: Line, into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ context: ConsoleContext
    ) {
        let second = column + Self.labels
        let room = max(0, columns - Self.labels)
        switch line {
        case .text(let text, let style):
            buffer.write(text, column: column, row: row, style: style, limit: columns)
        case .pair(let label, let text, let style):
            buffer.write(label, column: column, row: row, style: .dim, limit: Self.labels)
            buffer.write(text, column: second, row: row, style: style, limit: room)
        case .strength:
            let score = assessment?.score ?? 0
            let words = ["very weak", "weak", "fair", "good", "strong"]
            let styles: [Style] = [.danger, .danger, .caution, .good, .good]
            Meter(filled: score, total: 4, word: words[score], style: styles[score])
                .draw(into: &buffer, column: second, row: row, columns: 20, limit: room)
        case .field(let field):
            let isFocused = field == focus
            buffer.write(label(field, context.policy), column: column, row: row, style: isFocused ? .title : .dim, limit: Self.labels)
            draw(field, into: &buffer, column: second, row: row, columns: room, isFocused, context)
        }
    }

    private func label(_ field: Field, _ policy: Policy) -> String {
        switch field {
        case .method: "New value"
        case .secret: kind == .password ? "New password" : "New voice PIN"
        case .again: "Again"
        case .weak: "Type weak"
        case .localPassword: "Local"
        case .verifiedBy: "Verified by"
        case .reason: policy.requiresReason ? "Reason *" : "Reason"
        case .ticket: policy.requiresTicket ? "Ticket *" : "Ticket"
        case .confirmation: "Type yes"
        }
    }

    private func draw(
        _ field: Field, into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ isFocused: Bool,
        _ context: ConsoleContext
    ) {
        func text(_ field: TextField, _ width: Int) {
            field.draw(into: &buffer, column: column, row: row, columns: min(width, columns), focused: isFocused)
        }
        switch field {
        case .method: drawMethods(into: &buffer, column: column, row: row, columns: columns, isFocused)
        case .secret: draw(secret, into: &buffer, column: column, row: row, columns: columns, isFocused)
        case .again: draw(again, into: &buffer, column: column, row: row, columns: columns, isFocused, compared: true)
        case .weak: text(weakWord, 10)
        case .localPassword:
            let mark = wantsLocalPassword ? "[x]" : "[ ]"
            buffer.write(
                "\(mark) set a password here as well (Space)", column: column, row: row,
                style: isFocused ? .focusedField : .plain, limit: columns)
            if isFocused { buffer.cursor = Position(column: column + 1, row: row) }
        case .verifiedBy:
            let chosen = verification.map { context.policy.verificationMethods[$0] } ?? "choose"
            buffer.write("‹ \(chosen) ›", column: column, row: row, style: isFocused ? .focusedField : .field, limit: columns)
            if isFocused { buffer.cursor = Position(column: column, row: row) }
        case .reason: text(reason, columns)
        case .ticket: text(ticket, 30)
        case .confirmation: text(confirmation, 10)
        }
    }

    private func drawMethods(into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ isFocused: Bool) {
        var at = column
        for choice in methods {
            let name = switch choice {
            case .drawn: kind == .password ? "Generate" : "Issue"
            case .typed: "Type"
            case .cleared: "Clear"
            }
            let isChosen = choice == method
            let style: Style = isChosen ? (isFocused ? .focusedField : .strong) : .plain
            if isChosen, isFocused { buffer.cursor = Position(column: at + 1, row: row) }
            at += buffer.write(
                "(\(isChosen ? "•" : " ")) \(name)", column: at, row: row, style: style,
                limit: max(0, column + columns - at)) + 3
        }
    }

    private func draw(
        _ entry: SecretEntry, into buffer: inout Buffer, column: Int, row: Int, columns: Int, _ isFocused: Bool,
        compared: Bool = false
    ) {
        let width = min(40, columns)
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
