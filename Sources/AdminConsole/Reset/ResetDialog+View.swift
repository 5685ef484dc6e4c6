import ConvonetCore
import PostgresClient
import TerminalKit

extension ResetDialog {
    /// One line of the dialog.
    enum Line {
        case text(String, Style)
        case pair(String, String, Style)
        case field(Field)
        case strength
    }

    private static let width = 72
    private static let labelColumns = 14

    func draw(into buffer: inout Buffer, context: ConsoleContext, now: Timestamp) {
        let room = min(Self.width, buffer.size.columns - 4)
        let person = personLines(room, now)
        let rest: [Line] =
            switch stage {
            case .form: formLines(context.policy, room)
            case .working: [.text("", .plain), .text("Hashing and writing. Please wait…", .strong)]
            case .receipt(let result, let escapes): receiptLines(result, escapes: escapes, room)
            case .ended(let result): endedLines(result, room)
            }
        let title = kind == .password ? "Reset password" : "Reset voice PIN"
        let inner = Dialog(
            title: title, columns: Self.width, rows: min(person.count + rest.count, buffer.size.rows - 3), style: .title
        ).draw(into: &buffer)
        buffer.cursor = nil
        // On a small screen the person's first lines stay, and the rest scrolls to what has the focus.
        let pinned = min(person.count, max(1, min(person.count, inner.rows - 5)))
        var shown = Array(person.prefix(pinned))
        let below = Array(person.dropFirst(pinned)) + rest
        let rows = max(0, inner.rows - pinned)
        let focused = below.firstIndex { if case .field(focus) = $0 { true } else { false } } ?? 0
        let first = stage == .form ? max(0, min(focused - rows / 2, below.count - rows)) : max(0, min(0, below.count - rows))
        shown += below.dropFirst(first).prefix(rows)
        for (offset, line) in shown.enumerated() {
            draw(line, into: &buffer, column: inner.column, row: inner.row + offset, columns: inner.columns, context)
        }
        if buffer.cursor == nil { buffer.cursor = Position(column: inner.column, row: inner.row) }
    }

    private func personLines(_ room: Int, _ now: Timestamp) -> [Line] {
        func wrapped(_ label: String, _ text: String, _ style: Style) -> [Line] {
            TextWrap.lines(text, columns: max(10, room - Self.labelColumns)).enumerated().map {
                .pair($0.offset == 0 ? label : "", $0.element, style)
            }
        }
        var lines = wrapped("Name", account.fullName, .strong) + wrapped("E-mail", account.email, .strong)
        lines += wrapped("Username", account.username, .plain) + wrapped("Id", account.idText, .plain)
        if !account.isActive {
            lines += wrapped("State", "INACTIVE: cannot sign in, even after this", .danger)
        }
        if account.signIn == .external {
            lines += wrapped("Signs in", "elsewhere" + (account.externalMarker.map { " (\($0))" } ?? ""), .accent)
        }
        if kind == .voicePIN { lines += wrapped("Voice PIN", account.hasVoicePIN ? "set" : "not set", .plain) }
        for entry in recent.prefix(2) {
            let what = "\(ActionText.name(entry.action)) \(Age.ago(entry.occurredAt, now: now)) by \(entry.operatorName)"
            lines += wrapped("Just now", what + ", receipt \(entry.sequence)", .caution)
        }
        for change in changes { lines += wrapped("Changed", change, .caution) }
        return lines
    }

    private func formLines(_ policy: Policy, _ room: Int) -> [Line] {
        var lines: [Line] = [.text("", .plain)]
        for field in fields(policy) {
            if field == .confirmation { lines.append(.text("", .plain)) }
            lines.append(.field(field))
            if field == .secret { lines += secretLines(policy, room) }
        }
        if let problem { lines += TextWrap.lines(problem, columns: room).map { .text($0, .danger) } }
        return lines
    }

    /// What is said of the typed value as it is typed.
    private func secretLines(_ policy: Policy, _ room: Int) -> [Line] {
        guard !secret.isEmpty else { return [] }
        var lines: [Line] = kind == .password ? [.strength] : []
        let (text, style) = verdict(policy)
        lines += TextWrap.lines(text, columns: room - Self.labelColumns).map { .pair("", $0, style) }
        if kind == .password, secret.secret.hasBlankEnds {
            lines.append(.pair("", "It begins or ends with a space, which is part of it.", .caution))
        }
        return lines
    }

    private func verdict(_ policy: Policy) -> (String, Style) {
        switch kind {
        case .password:
            guard let finding = assessment?.findings.first else { return ("Meets every rule.", .good) }
            return (finding.message, finding.isOverridable ? .caution : .danger)
        case .voicePIN:
            do {
                let pin = try VoicePIN(parsing: secret.secret, lengths: policy.pinLengths)
                return PINRules.weakness(of: pin).map { ($0.message, .danger) } ?? ("Follows no easy pattern.", .good)
            } catch {
                return (error.message, .caution)
            }
        }
    }

    private func receiptLines(_ result: CredentialResult, escapes: Int, _ room: Int) -> [Line] {
        var lines: [Line] = [.text("", .plain), .text(doneText, .good)]
        let at = result.account.updatedAt.localText
        lines.append(.pair("Receipt", "\(result.receipt.map { String($0.sequence) } ?? "-"), changed at \(at)", .strong))
        if let message = result.message { lines += TextWrap.lines(message, columns: room).map { .text($0, .caution) } }
        if result.newSecret != nil, secretShownUntil == nil {
            lines.append(.text("The new value is hidden. Ctrl-R shows it again.", .caution))
        } else if let secret = result.newSecret {
            lines.append(.text("", .plain))
            lines.append(.pair(kind == .password ? "New password" : "New voice PIN", secret.spacedForReading, .strong))
            for group in PhoneticAlphabet.spelled(secret) {
                lines += TextWrap.lines(group.joined(separator: " "), columns: room - Self.labelColumns).map {
                    .pair("", $0, .plain)
                }
            }
        }
        lines.append(.text("", .plain))
        lines.append(
            escapes == 0
                ? .text(
                    result.newSecret == nil ? "Esc twice closes this." : "Esc twice closes this. The new value is not shown again.",
                    .dim)
                : .text("Press Esc once more to close.", .caution))
        return lines
    }

    private func endedLines(_ result: CredentialResult, _ room: Int) -> [Line] {
        let title = result.outcome == .unknown ? "OUTCOME UNKNOWN" : "Failed. Nothing was changed."
        return [.text("", .plain), .text(title, .danger)]
            + TextWrap.lines(result.message ?? "", columns: room).map { .text($0, .plain) }
            + (result.receipt.map { [.pair("Receipt", String($0.sequence), .plain)] } ?? [])
    }

    private var doneText: String {
        switch submitted {
        case .issuePIN: "Done. A new voice PIN was issued."
        case .setPIN: "Done. The voice PIN was set."
        case .clearPIN: "Done. The voice PIN was cleared."
        default: "Done. The password was reset."
        }
    }
}

extension Secret {
    /// Whether it begins or ends with a space, which is easily typed without being meant.
    var hasBlankEnds: Bool {
        withBytes { bytes in
            let space = UInt8(ascii: " ")
            return bytes.count > 0 && (bytes[0] == space || bytes[bytes.count - 1] == space)
        }
    }

    /// A PIN in twos or threes as it is read out; a password, whose groups have dashes, as it is.
    var spacedForReading: String {
        let text = revealedText()
        guard text.allSatisfy(\.isNumber) else { return text }
        let size = text.count % 3 == 0 ? 3 : 2
        return text.enumerated().map { ($0.offset > 0 && $0.offset % size == 0 ? " " : "") + String($0.element) }.joined()
    }
}
