import ConvonetCore
import TerminalKit

/// What stands beside a wide list: the selected person, read a moment after the cursor came to rest.
struct Preview: Equatable, Sendable {
    var facts: PersonFacts
    /// When the rest is read, by the clock of `Shared.uptime`; nil once it is.
    var readAt: Int?
    /// Whether what goes with this person was read.
    var isComplete: Bool { facts.history != .loading }

    /// Milliseconds for which the cursor has to rest.
    static let pause = 150

    init(_ account: Account, uptime: Int) {
        facts = PersonFacts(account)
        readAt = uptime + Self.pause
    }

    /// Columns from which the list has a preview beside it.
    static let columnsForPreview = 110

    static func columns(_ size: Size) -> Int {
        size.columns < columnsForPreview ? 0 : min(52, max(50, size.columns / 3))
    }
}

extension AccountList {
    /// Lets the preview follow the cursor, after whatever happened, and reads what the cursor rests on.
    mutating func followSelection(_ shared: inout Shared) {
        // What was opened keeps what is known until one is back.
        guard shared.isSeen else { return }
        guard Preview.columns(shared.size) > 0, let account else { return preview = nil }
        if preview?.facts.account.id != account.id {
            preview = Preview(account, uptime: shared.uptime)
        } else if preview?.facts.account != account {
            preview?.facts.account = account
            preview?.readAt = shared.uptime + Preview.pause
        }
        guard let due = previewMoment(shared), shared.uptime >= due else { return }
        preview?.readAt = nil
        ask(DossierQuery(id: account.id, reader: .preview), &shared) { list, result, shared in
            guard case .success(let dossier) = result else { return }
            shared.note(dossier)
            if case .success(let account?) = dossier.account { list.window.replace(account) }
            // Of whom the cursor has left nothing is shown beside somebody else.
            guard list.preview?.facts.account.id == account.id else { return }
            list.preview?.facts.take(dossier, mayReadLog: shared.context.mayReadLog)
        }
    }

    /// When what the cursor rests on is read; nil where it is not.
    func previewMoment(_ shared: Shared) -> Int? {
        shared.isSeen && !shared.isSpokenFor && shared.lost == nil ? preview?.readAt : nil
    }
}

extension Preview {
    private static let labelColumns = 11

    /// Draws over `area`, whose first column is the line between list and preview.
    func draw(into buffer: inout Buffer, _ area: Rect, _ console: Console) {
        for row in area.row..<area.endRow {
            buffer.write("│", column: area.column, row: row, style: .border)
        }
        let column = area.column + 2
        let room = area.columns - 3
        for (offset, line) in lines(room, console.shared).prefix(area.rows).enumerated() {
            for part in line.parts {
                buffer.write(
                    part.text, column: column + part.column, row: area.row + offset, style: part.style,
                    limit: room - part.column)
            }
        }
    }

    private func lines(_ room: Int, _ shared: Shared) -> [PersonPage.Line] {
        typealias Line = PersonPage.Line
        func wrapped(_ text: String, _ style: Style) -> [Line] {
            TextWrap.lines(DisplayText.visible(text), columns: room).map {
                Line(parts: [Line.Part(column: 0, text: $0, style: style)])
            }
        }
        var states: [Line.Part] = []
        var at = 0
        for state in facts.states {
            states.append(Line.Part(column: at, text: state.word, style: state.style))
            at += state.word.count + 2
        }
        let account = facts.account
        var lines =
            wrapped(facts.name, .strong) + wrapped(account.email, .plain) + wrapped("@" + account.username, .plain)
        lines.append(Line(parts: states))
        lines.append(Line(parts: [Line.Part(column: 0, text: String(repeating: "─", count: room), style: .border)]))
        // Nothing of what goes with somebody is shown before it is known to be theirs.
        let notices = facts.notices(shared)
        for notice in notices { lines += wrapped(notice.text, notice.style) }
        let facts = self.facts.signIn(shared) + self.facts.about(shared.times)
        lines += PersonPage.lines(
            isComplete ? facts : facts.filter { !["Links", "Teams"].contains($0.label) }, from: 0, columns: room,
            labels: Self.labelColumns, most: 3)
        guard case .entries(let entries) = self.facts.history, !entries.isEmpty else { return lines }
        lines.append(Line())
        lines.append(Line(parts: [Line.Part(column: 0, text: "Recent activity", style: .title)]))
        lines += entries.map { entry in
            let outcome = OutcomeText.item(entry.outcome, entry.rule, of: entry.action)
            let what =
                outcome.text.hasPrefix("✓") ? ActionName.words(entry.action) : "\(ActionName.words(entry.action)) ✗"
            let rest = [shared.viewer.name(entry.actor.databaseUser), entry.ticket].compactMap { $0 }.joined(
                separator: "  ")
            return Line(parts: [
                Line.Part(
                    column: 0, text: TextWidth.fitted(shared.times.cell(entry.occurredAt), to: 18), style: .plain),
                Line.Part(column: 18, text: TextWidth.fitted(what, to: 18), style: outcome.style),
                Line.Part(column: 37, text: TextWidth.fitted(rest, to: room - 37), style: .dim),
            ])
        }
        return lines
    }
}
