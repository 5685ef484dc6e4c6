import AccountDisplay
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import TerminalKit

/// What stands beside a wide list: the selected person, read a moment after the cursor came to rest.
struct Preview: Equatable, Sendable {
    var facts: PersonFacts
    /// When the rest is read, by the clock of `Shared.uptime`; nil once it is.
    var readAt: Int?

    /// Milliseconds for which the cursor has to rest.
    static let pause = 150

    init(_ account: Account, uptime: Int) {
        facts = PersonFacts(account)
        readAt = uptime + Self.pause
    }

    /// Columns from which the list has a preview beside it.
    static let columnsForPreview = 110

    static func columns(_ size: Size) -> Int {
        size.columns < columnsForPreview ? 0 : 50
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
        let room = area.columns - 3
        lines(room, console.shared).draw(
            into: &buffer, Rect(column: area.column + 2, row: area.row, columns: room, rows: area.rows))
    }

    private func lines(_ room: Int, _ shared: Shared) -> [Line] {
        let account = facts.account
        let notices = facts.notices(shared.display)
        var lines = [
            (facts.name, Style.strong), (account.email, .plain), ("@" + account.username, .plain),
        ].flatMap { Line.wrapped($0.0, $0.1, columns: room) }
        lines += [Line(facts.stateParts(gap: 2) { $0 }), Line(String(repeating: "─", count: room), .border)]
        lines += notices.flatMap { Line.wrapped($0.text, $0.style, columns: room) }
        lines += Line.facts(
            facts.signIn(shared.display) + facts.about(shared.times), labels: Self.labelColumns, columns: room, most: 3)
        guard !facts.entries.isEmpty else { return lines }
        return lines + [.blank, Line("Recent activity", .title)] + facts.entries.map { line($0, room, shared) }
    }

    private func line(_ entry: HistoryEntry, _ room: Int, _ shared: Shared) -> Line {
        let style = OutcomeText.item(entry.outcome, entry.rule, of: entry.action).style
        let what = ActionName.words(entry.action) + (entry.outcome == "done" ? "" : " ✗")
        let rest = [shared.viewer.name(entry.actor.databaseUser), entry.ticket].compactMap { $0 }.joined(
            separator: "  ")
        return Line([
            Line.Part(column: 0, text: TextWidth.fitted(shared.times.cell(entry.occurredAt), to: 18)),
            Line.Part(column: 18, text: TextWidth.fitted(what, to: 18), style: style),
            Line.Part(column: 37, text: TextWidth.fitted(rest, to: room - 37), style: .dim),
        ])
    }
}
