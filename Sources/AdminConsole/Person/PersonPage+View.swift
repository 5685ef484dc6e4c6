import ConvonetCore
import PostgresClient
import TerminalKit

extension PersonPage {
    /// One line of the page.
    struct Line: Equatable, Sendable {
        var label: String
        var text: String
        var style: Style
    }

    private static let labelColumns = 12

    func draw(into buffer: inout Buffer, now: Timestamp) {
        let lines = lines(columns: buffer.size.columns, now: now)
        let rows = Console.bodyRows(buffer.size)
        let top = min(top, max(0, lines.count - rows))
        for (offset, line) in lines.dropFirst(top).prefix(rows).enumerated() {
            buffer.write(line.label, column: 1, row: 1 + offset, style: .dim, limit: Self.labelColumns)
            let column = line.label.isEmpty && line.style == .title ? 1 : 1 + Self.labelColumns
            buffer.write(line.text, column: column, row: 1 + offset, style: line.style)
        }
        if lines.count > top + rows {
            buffer.write(" more below", column: buffer.size.columns - 12, row: rows, style: .accent)
        }
        buffer.cursor = Position(column: 1, row: 1)
    }

    func lines(columns: Int, now: Timestamp) -> [Line] {
        var lines: [Line] = []
        func add(_ label: String, _ text: String, _ style: Style = .plain) {
            let room = max(10, columns - 2 - Self.labelColumns)
            // Made visible before it is broken: a line end in a name must not begin a line here.
            for (index, part) in TextWrap.lines(DisplayText.visible(text), columns: room).enumerated() {
                lines.append(Line(label: index == 0 ? label : "", text: part, style: style))
            }
        }
        if isGone { add("", "This account is gone: somebody deleted it. What follows is how it was.", .danger) }
        if case .entries(let entries) = history,
            let last = entries.first(where: { $0.outcome == "done" }), now.seconds(since: last.occurredAt) < 3600
        {
            add(
                "Lately",
                "\(ActionText.name(last.action)) \(Age.ago(last.occurredAt, now: now)) by \(last.operatorName)",
                .caution)
        }
        add("Name", account.fullName, .strong)
        add("E-mail", account.email)
        add("Username", account.username)
        add("Id", account.idText)
        add("State", account.isActive ? "active" : "INACTIVE: cannot sign in", account.isActive ? .good : .danger)
        add(
            "Verified", account.isVerified ? "yes" : "no: the e-mail address is not verified",
            account.isVerified ? .plain : .caution)
        switch account.signIn {
        case .password: add("Signs in", "with a password kept here")
        case .external:
            add(
                "Signs in",
                "elsewhere" + (account.externalMarker.map { " (\($0))" } ?? "") + ", not with a password kept here",
                .accent)
        }
        add("Voice PIN", account.hasVoicePIN ? "set" : "not set")
        add("Created", Age.text(account.createdAt, now: now))
        add("Changed", Age.text(account.updatedAt, now: now))
        add("Signed in", account.lastLoginAt.map { Age.text($0, now: now) } ?? "never")
        if !teams.isEmpty { add("Teams", teams.map { "\($0.team) (\($0.role))" }.joined(separator: ", ")) }
        lines.append(Line(label: "", text: "", style: .plain))
        lines.append(Line(label: "", text: "What was done here", style: .title))
        switch history {
        case .loading: add("", "loading…", .dim)
        case .unavailable(let reason): add("", reason, .caution)
        case .entries(let entries) where entries.isEmpty: add("", "Nothing yet.", .dim)
        case .entries(let entries):
            for entry in entries { add("", entryText(entry, now: now), entryStyle(entry)) }
        }
        return lines
    }

    private func entryText(_ entry: HistoryEntry, now: Timestamp) -> String {
        var text = "\(Age.text(entry.occurredAt, now: now)): \(ActionText.name(entry.action)), \(entry.outcome)"
        if let rule = entry.rule { text += " (\(rule))" }
        text += ", by \(entry.operatorName); receipt \(entry.sequence)"
        if let ticket = entry.ticket { text += "; ticket \(ticket)" }
        if let reason = entry.reason { text += "; “\(reason)”" }
        return text
    }

    private func entryStyle(_ entry: HistoryEntry) -> Style { entry.outcome == "done" ? .plain : .dim }
}

/// The log's names of actions in words.
enum ActionText {
    static func name(_ action: String) -> String {
        switch action {
        case "reset_password": "password reset"
        case "issue_voice_pin": "voice PIN issued"
        case "set_voice_pin": "voice PIN set"
        case "clear_voice_pin": "voice PIN cleared"
        case "change_password": "password changed"
        case "send_reset_link": "link to set a password sent"
        case "revoke_reset_links": "open links revoked"
        default: action
        }
    }
}
