import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit

extension PersonPage: Screen {
    var name: String { facts.name }
    var account: Account? { person }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: entries.isEmpty ? "There is no activity to show details of." : nil
        case .filter: facts.entries.isEmpty ? "There is no activity to filter." : nil
        case .sort, .clear, .columns: "This is for a list (Esc)."
        case .verifyLog: "This is for the log (A)."
        case .previous, .next:
            console.list.window.selectedID == person.id ? nil : "There is no list around this person."
        default: nil
        }
    }

    static func perform(_ action: ConsoleAction, in console: inout Console) -> [Effect] {
        switch action {
        case .back, .quit: return console.close()
        case .refresh: return console.reloadPerson() + console.readPending()
        case .open: console.openEntry()
        case .filter: console.person?.showNext()
        case .previous, .next: return console.openNeighbour(action == .next ? 1 : -1)
        case .up: console.movePerson(by: -1)
        case .down: console.movePerson(by: 1)
        case .pageUp: console.movePerson(by: -console.size.rows / 2)
        case .pageDown: console.movePerson(by: console.size.rows / 2)
        case .first: console.movePerson(by: -.max / 2)
        case .last: console.movePerson(by: .max / 2)
        default: break
        }
        return []
    }

    /// Moves the selection, and the page where that is not seen: what lies between is never jumped over.
    mutating func move(by step: Int, _ size: Size, _ times: Times, mayDecide: Bool) {
        let rows = Self.rows(size, head: head(size, times, mayDecide: mayDecide).count)
        let lines = lines(columns: size.columns, times)
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
        let place = lines.firstIndex { $0.entry == selection }
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
    func showsSelection(_ size: Size, _ times: Times, mayDecide: Bool) -> Bool {
        let rows = Self.rows(size, head: head(size, times, mayDecide: mayDecide).count)
        let place = lines(columns: size.columns, times).firstIndex { $0.entry == selection }
        return place.map { (top..<(top + rows)).contains($0) } ?? false
    }

    private mutating func reveal(_ lines: [Line], _ rows: Int) {
        guard let place = lines.firstIndex(where: { $0.entry == selection }) else { return }
        top = min(max(top, place - rows + 1), place)
    }
}

extension Console {
    mutating func openPerson(_ account: Account) -> [Effect] {
        var facts = PersonFacts(account)
        // What the preview knows is there at once, and read anew all the same.
        if let known = preview?.facts, known.account.id == account.id { facts = known }
        person = PersonPage(facts: facts, request: 0)
        return reloadPerson()
    }

    /// Reads the person anew, keeping what is shown until the answer is there.
    mutating func reloadPerson() -> [Effect] {
        guard let account = person?.person else { return [] }
        let request = requests.next()
        person?.request = request
        return [readPerson(account.id, for: .page, as: request)]
    }

    /// Reads one person for whoever holds the request's number.
    mutating func readPerson(_ id: UUID, for reader: DossierQuery.Reader, as request: Int) -> Effect {
        requests.read(DossierQuery(id: id, reader: reader), as: request) { console, result in
            switch result {
            case .success(let dossier): console.takePerson(request, dossier)
            case .failure(let error): console.takePerson(request, AccountDossier(failure: error))
            }
        }
    }

    /// Goes to the person above or below in the list.
    fileprivate mutating func openNeighbour(_ step: Int) -> [Effect] {
        let before = list.window.selectedID
        let effects = list.move(step > 0 ? .down : .up, &requests) ?? []
        guard list.window.selectedID != before, let account = list.window.selected else {
            say(step > 0 ? "This is the last person of the list." : "This is the first person of the list.")
            return effects
        }
        person = nil
        return effects + openPerson(account)
    }

    /// Opens what the selected line of recent activity stands for.
    fileprivate mutating func openEntry() {
        guard var page = person, page.entries.indices.contains(page.selection) else { return }
        // What is not on the screen is shown before it is opened.
        guard page.showsSelection(size, times, mayDecide: context.mayDecide) else {
            page.move(by: 0, size, times, mayDecide: context.mayDecide)
            person = page
            return
        }
        event = EventPage(page.entries[page.selection], of: page.person)
    }

    fileprivate mutating func movePerson(by step: Int) {
        guard var page = person else { return }
        page.move(by: step, size, times, mayDecide: context.mayDecide)
        person = page
    }

    /// What was read of one person, for whoever asked for it.
    mutating func takePerson(_ request: Int, _ dossier: AccountDossier) -> [Effect] {
        var effects: [Effect] = []
        if case .success(let policy) = dossier.policy { effects += takePolicy(policy) }
        if reset?.reading == request { effects += takeDossierForReset(dossier) }
        if preview?.request == request { preview?.take(dossier, mayReadLog: context.mayReadLog) }
        // A dialog and the page under it show one state.
        let isUnderDialog = reset != nil && (try? dossier.account.get())??.id == person?.person.id
        guard var facts = person?.facts, person?.request == request || isUnderDialog else { return effects }
        facts.take(dossier, mayReadLog: context.mayReadLog)
        person?.facts = facts
        switch dossier.account {
        case .success(let account?): list.window.replace(account)
        case .success(nil): if reset == nil { say("This account was deleted.", .danger) }
        case .failure(let error):
            noteConnection(error)
            if reset == nil { say(error.description + " Press r to try again.", .danger) }
        }
        return effects
    }
}
