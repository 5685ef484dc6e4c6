import AccountDisplay
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import TerminalKit

extension AccountList {
    var marked: [Account] { marks.people }

    /// Marks the selected person, or takes the mark off, and goes on to the next.
    mutating func mark(_ shared: inout Shared) {
        guard let account else { return }
        guard !shared.alike.contains(account.id) else { return refuseToMarkAlike(&shared) }
        guard marks.contains(account.id) || marks.people.count < Marks.most else {
            return shared.say("\(Marks.most) people are marked, which is the most.", .caution)
        }
        marks.toggle(account)
        // Whoever hears the list is on the next line by then.
        if shared.context.isLinear {
            shared.say(
                "\(account.fullName), \(account.email): \(marks.contains(account.id) ? "marked" : "no longer marked").")
        }
        _ = move(.down, &shared)
    }

    /// What is done with many is confirmed by their number alone.
    private func refuseToMarkAlike(_ shared: inout Shared) {
        shared.say("Only alike: nobody had what you searched for. Change them alone, on their page (Enter).", .caution)
    }

    /// Marks everybody whom the list finds, loaded or not.
    mutating func markAll(_ shared: inout Shared) {
        guard !showsAlike else { return refuseToMarkAlike(&shared) }
        ask(EverybodyQuery(selection: selection, most: Marks.most + 1), &shared) { list, result, shared in
            switch result {
            case .failure(let error): shared.say(error.inConsole, .danger)
            case .success(let found):
                let new = found.filter { !list.marks.contains($0.id) }
                guard list.marks.people.count + new.count <= Marks.most else {
                    return shared.say(
                        "More than \(Marks.most) people would be marked. Nobody was: narrow the list by a search or filter.",
                        .caution)
                }
                list.marks.add(new)
                shared.say("\(Marks.words(list.marks.people.count)) marked.")
            }
        }
    }

    /// Clears the marks once it was asked for twice.
    mutating func clearMarks(_ shared: inout Shared) {
        guard marks.isLeaving else {
            marks.isLeaving = true
            return shared.say("\(Marks.words(marks.people.count)) marked. Esc again takes the marks off.", .caution)
        }
        marks = Marks()
        shared.say("The marks were taken off. Nothing was changed.")
    }

    /// Takes the marks off whoever is gone, and says so: what is marked is what a change is for.
    mutating func checkMarks(_ shared: inout Shared) {
        guard !marks.isEmpty, shared.isSeen, !shared.requests.isAwaiting(Self.marksLane) else { return }
        let asked = marks.people
        ask(AccountsQuery(ids: asked.map(\.id), lane: Self.marksLane), &shared) { list, result, shared in
            guard case .success(let found) = result else { return }
            let there = Set(found.map(\.id))
            let gone = asked.filter { !there.contains($0.id) && list.marks.contains($0.id) }
            guard !gone.isEmpty else { return }
            list.marks.remove(Set(gone.map(\.id)))
            let left = Marks.remaining(list.marks.people.count) ?? "Nobody is marked any more."
            shared.say("\(Marks.gone(gone)) \(left)", .caution)
        }
    }

    private static let marksLane: Lane = "who is marked"

    /// Takes the marks off those with whom a batch is done, and shows them as they are now.
    mutating func take(_ batch: Batch, _ shared: inout Shared) {
        let done = batch.rows.filter { !$0.staysMarked }
        marks.remove(Set(done.map(\.account.id)))
        for row in done where row.standing == .done { window.replace(row.result.account) }
        if let remaining = Marks.remaining(marks.people.count) { shared.say(remaining) }
        reload(&shared)
    }

    /// Shows the marks in the rows.
    func drawMarks(into buffer: inout Buffer) {
        for (offset, row) in window.shown.enumerated() where marks.contains(row.id) {
            let style: Style = row.id == window.selectedID ? .selected : .title
            buffer.write("*", column: 1, row: 2 + ListLayout.headRows(buffer.size) + offset, style: style)
        }
    }
}
