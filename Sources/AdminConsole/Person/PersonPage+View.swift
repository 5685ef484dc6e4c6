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

    var hints: [(ConsoleAction, label: String, priority: Int)] {
        [
            (.resetPassword, "password", 7), (.resetVoicePIN, "voice PIN", 7), (.accountHistory, "history", 4),
            (.toggleActive, person.isActive ? "deactivate" : "activate", 3), (.copy, "copy", 3),
            (.toggleVerified, person.isVerified ? "not verified" : "verified", 2), (.refresh, "refresh", 2),
            (.search, "search", 6), (.auditLog, "log", 1),
            (.back, "back", 10), (.palette, "keys", 9),
        ]
    }

    /// Rows below the title.
    static func rows(_ size: Size) -> Int { max(1, Console.bodyRows(size) - 1) }

    func draw(into buffer: inout Buffer, in console: Console) {
        let lines = lines(columns: buffer.size.columns, now: console.now)
        let rows = Self.rows(buffer.size)
        let top = min(top, max(0, lines.count - rows))
        let isCut = lines.count > rows
        let place = isCut ? (lines.count > top + rows ? "↓ more" : "↑ more") : ""
        let room = buffer.size.columns - 3 - TextWidth.columns(of: place)
        buffer.write(TextWidth.fitted("The account of \(name)", to: room), column: 1, row: 1, style: .title)
        buffer.write(place, column: buffer.size.columns - TextWidth.columns(of: place) - 1, row: 1, style: .accent)
        for (offset, line) in lines.dropFirst(top).prefix(rows).enumerated() {
            buffer.write(line.label, column: 1, row: 2 + offset, style: .dim, limit: Self.labelColumns)
            let column = line.label.isEmpty && line.style == .title ? 1 : 1 + Self.labelColumns
            buffer.write(line.text, column: column, row: 2 + offset, style: line.style)
        }
        buffer.cursor = Position(column: 1, row: 2)
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
        if case .entries(let entries) = history {
            for (index, entry) in entries.recentChanges(now: now).prefix(3).enumerated() {
                add(
                    index == 0 ? "Lately" : "",
                    "\(ActionName.words(entry.action)) \(Age.ago(entry.occurredAt, now: now)) by \(entry.operatorName)",
                    .caution)
            }
        }
        add("Name", person.fullName, .strong)
        add("E-mail", person.email)
        add("Username", person.username)
        add("Id", person.idText)
        add("State", person.isActive ? "active" : "INACTIVE: cannot sign in", person.isActive ? .good : .danger)
        if isProtected { add("Protected", "a supervisor has to approve every change", .caution) }
        add(
            "Verified", person.isVerified ? "yes" : "no: the e-mail address is not verified",
            person.isVerified ? .plain : .caution)
        switch person.signIn {
        case .password: add("Signs in", "with a password kept here")
        case .external:
            add(
                "Signs in",
                "elsewhere" + (person.externalMarker.map { " (\($0))" } ?? "") + ", not with a password kept here",
                .accent)
        }
        add("Voice PIN", person.hasVoicePIN ? "set" : "not set")
        add("Created", Age.text(person.createdAt, now: now))
        add("Changed", Age.text(person.updatedAt, now: now))
        add("Signed in", person.lastLoginAt.map { Age.text($0, now: now) } ?? "never")
        if !teams.isEmpty { add("Teams", teams.map { "\($0.team) (\($0.role))" }.joined(separator: ", ")) }
        for (index, link) in links.prefix(3).enumerated() { add(index == 0 ? "Links" : "", words(link, now: now)) }
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
        var text = "\(Age.text(entry.occurredAt, now: now)): \(ActionName.words(entry.action)), \(entry.outcome)"
        if let rule = entry.rule { text += " (\(RuleName.words(rule)))" }
        text += ", by \(entry.operatorName); receipt \(entry.sequence)"
        if let ticket = entry.ticket { text += "; ticket \(ticket)" }
        if let reason = entry.reason { text += "; “\(reason)”" }
        return text
    }

    /// A link to set a password: its state, whom it went to, and until when it is good.
    private func words(_ link: ResetLink, now: Timestamp) -> String {
        let isOpen = link.state == .queued || link.state == .sent
        let until = link.expiresAt.map { isOpen ? ", good until \($0.localText)" : "" } ?? ""
        let who = link.wasAskedForByPerson ? "asked for by the person" : "sent by \(link.databaseUser)"
        let moment = Age.ago(link.stateAt ?? link.createdAt, now: now)
        return "\(link.state.rawValue) \(moment), to \(link.address)\(until); \(who)"
    }

    private func entryStyle(_ entry: HistoryEntry) -> Style { entry.outcome == "done" ? .plain : .dim }
}
