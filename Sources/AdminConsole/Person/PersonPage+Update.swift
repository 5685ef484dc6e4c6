import AccountDisplay
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import TerminalKit

extension PersonPage: LiveScreen {
    var name: String { known.name }
    var place: Place? { .person(person) }
    var account: Account? { person }

    var actions: Set<ConsoleAction> { [.open, .filter, .refresh, .previous, .next] }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: entries.isEmpty ? "There is no activity to show details of." : nil
        case .filter: known.entries.isEmpty ? "There is no activity to filter." : nil
        case .previous, .next:
            console.screens.first?.account?.id == person.id ? nil : "There is no list around this person."
        case .unfreeze where known.obstacles?.freeze == nil:
            known.obstacles == nil ? nil : "This account is not frozen."
        case _ where action.isStoppedByFreeze: known.obstacles?.freeze?.refusal
        case .accountHistory: console.shared.context.mayReadLog ? nil : "It is below, under “Recent activity”."
        default: nil
        }
    }

    func nextMoment(_ shared: Shared) -> Int? { shared.nextCountdown(known.deadlines) }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        switch action {
        case .back, .quit: shared.close()
        case .refresh:
            reload(&shared)
            shared.readPending()
        case .open: openEntry(&shared)
        case .filter: showNext()
        case .previous, .next: shared.tell(.neighbour(action == .next ? 1 : -1))
        case .up: move(by: -1, shared)
        case .down: move(by: 1, shared)
        case .pageUp: move(by: -shared.size.rows / 2, shared)
        case .pageDown: move(by: shared.size.rows / 2, shared)
        case .first: move(by: -.max / 2, shared)
        case .last: move(by: .max / 2, shared)
        default: break
        }
    }

    mutating func begin(_ shared: inout Shared) { reload(&shared) }

    mutating func receive(_ news: News, _ shared: inout Shared) {
        switch news {
        // A dialog and the page under it show one state.
        case .read(let account, let dossier) where account.id == person.id:
            keepSelection(shared) { $0.take(dossier, mayReadLog: shared.context.mayReadLog) }
        case .changed(let account):
            if account.id == person.id { known.take(changed: account) }
            reload(&shared)
        case .approvalsChanged: reload(&shared)
        default: break
        }
    }

    /// Reads the person anew, keeping what is shown until the answer is there.
    private mutating func reload(_ shared: inout Shared) {
        live.yield()
        readAnew(&shared)
    }

    mutating func readAnew(_ shared: inout Shared) {
        ask(DossierQuery(id: person.id, reader: .page), &shared) { page, result, shared in
            if case .success(let dossier) = result { page.take(dossier, &shared) }
        }
    }

    private mutating func take(_ dossier: AccountDossier, _ shared: inout Shared) {
        let (isLive, wasGone) = (live.isReading, known.isGone)
        keepSelection(shared) { $0.take(dossier, mayReadLog: shared.context.mayReadLog) }
        shared.note(dossier)
        switch dossier.account {
        case .success(let account):
            live.succeed(shared)
            if account == nil, !shared.isSpokenFor, !(isLive && wasGone) {
                shared.say("This account was deleted.", .danger)
            }
        case .failure(let error):
            live.fail(shared)
            shared.noteConnection(error)
            if !shared.isSpokenFor, !isLive { shared.say(error.inConsole + " Press F5 to try again.", .danger) }
        }
    }

    /// Opens what the selected line of recent activity stands for.
    private mutating func openEntry(_ shared: inout Shared) {
        guard entries.indices.contains(selection) else { return }
        // What is not on the screen is shown before it is opened.
        guard showsSelection(shared) else { return move(by: 0, shared) }
        shared.open(EventPage(entries[selection], of: person, shared.viewer))
    }

    /// Moves the selection, and the page where that is not seen: what lies between is never jumped over.
    private mutating func move(by step: Int, _ shared: Shared) {
        let rows = rows(shared)
        let lines = lines(columns: shared.size.columns, shared)
        let last = max(0, lines.count - rows)
        top = min(top, last)
        if step == 0 { return reveal(lines, rows) }
        guard abs(step) == 1 else {
            top = min(max(0, top + min(max(step, -lines.count), lines.count)), last)
            selection = min(
                max(0, selection + min(max(step, -lines.count), lines.count)), max(0, entries.count - 1))
            if step > 0 { reveal(lines, rows) } else { top = selection == 0 ? 0 : top }
            return
        }
        let shown = top..<(top + rows)
        let place = lines.firstIndex(of: .entry(selection))
        if step > 0, let place, shown.contains(place), selection + 1 < entries.count {
            selection += 1
        } else if step < 0, selection > 0 {
            selection -= 1
        } else {
            top = min(max(0, top + step), last)
            return
        }
        reveal(lines, rows)
    }

    /// Whether the selected line of recent activity is on the screen.
    private func showsSelection(_ shared: Shared) -> Bool {
        let place = lines(columns: shared.size.columns, shared).firstIndex(of: .entry(selection))
        return place.map { (top..<(top + rows(shared))).contains($0) } ?? false
    }

    /// Rows for the lines below the head.
    private func rows(_ shared: Shared) -> Int {
        Self.rows(shared.size, head: head(shared.size, shared).count)
    }

    private mutating func reveal(_ lines: [Row], _ rows: Int) {
        guard let place = lines.firstIndex(of: .entry(selection)) else { return }
        top = min(max(top, place - rows + 1), place)
    }
}
