import ConvonetCore
import PostgresClient
import TerminalKit

extension PersonPage: Screen {
    var name: String { person.fullName.isEmpty ? person.email : person.fullName }
    var account: Account? { person }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        switch action {
        case .open: "The account is open."
        case .filter, .sort, .clear: "This is for a list. Esc goes back to it."
        case .verifyLog: "This is for the log. A goes there."
        default: nil
        }
    }

    static func perform(_ action: ConsoleAction, in console: inout Console) -> [Effect] {
        switch action {
        case .back, .quit: return console.close()
        case .refresh: return console.reloadPerson()
        case .up: console.scrollPerson(by: -1)
        case .down: console.scrollPerson(by: 1)
        case .pageUp: console.scrollPerson(by: -PersonPage.rows(console.size) / 2)
        case .pageDown: console.scrollPerson(by: PersonPage.rows(console.size) / 2)
        case .first: console.person?.top = 0
        case .last: console.scrollPerson(by: .max / 2)
        default: break
        }
        return []
    }
}

extension Console {
    mutating func openPerson(_ account: Account) -> [Effect] {
        person = PersonPage(person: account, request: 0)
        return reloadPerson()
    }

    /// Reads the person anew, keeping what is shown until the answer is there.
    mutating func reloadPerson() -> [Effect] {
        guard let account = person?.person else { return [] }
        let request = requests.next()
        person?.request = request
        return [.loadPerson(request: request, account.id)]
    }

    fileprivate mutating func scrollPerson(by rows: Int) {
        guard let page = person else { return }
        let last = max(0, page.lines(columns: size.columns, now: now).count - PersonPage.rows(size))
        person?.top = min(max(0, min(page.top, last) + rows), last)
    }

    mutating func takeAccountForPerson(_ request: Int, _ result: Result<Account?, AdminError>) -> [Effect] {
        guard person?.request == request else { return [] }
        switch result {
        case .success(let account?):
            person?.person = account
            list.window.replace(account)
        case .success(nil):
            person?.isGone = true
            say("This account is gone: somebody deleted it.", .danger)
        case .failure(let error):
            noteConnection(error)
            say(error.description + " Press r to try again.", .danger)
        }
        return []
    }

    mutating func takeHistory(_ request: Int, _ result: Result<[HistoryEntry], AdminError>) -> [Effect] {
        if reset?.historyRequest == request, case .success(let entries) = result {
            let recent = entries.recentChanges(now: now)
            let kind = reset?.kind
            // What was done of the same kind matters most, and comes first.
            let sorted =
                recent.filter { kind?.concerns($0.action) == true }
                + recent.filter { kind?.concerns($0.action) != true }
            reset?.recent = sorted.prefix(2).map {
                "\(ActionName.words($0.action)) \(Age.ago($0.occurredAt, now: now)) by \($0.operatorName), receipt \($0.sequence)"
            }
            if recent.count > 2 { reset?.recent.append("and \(recent.count - 2) more") }
        }
        guard person?.request == request else { return [] }
        switch result {
        case .success(let entries): person?.history = .entries(entries)
        case .failure(.notPermitted):
            let mayReadLog = context.mayReadLog
            person?.history = .unavailable(
                mayReadLog ? "Press a for the log of this account." : "Your rights do not show what was done here.")
        case .failure(let error): person?.history = .unavailable(error.description)
        }
        return []
    }
}

extension [HistoryEntry] {
    /// What was done to the account within the hour, newest first; asking for it and deciding on it is not doing it.
    func recentChanges(now: Timestamp) -> [HistoryEntry] {
        filter {
            $0.outcome == "done" && now.seconds(since: $0.occurredAt) < 3600
                && !["request_approval", "approve", "deny"].contains($0.action)
        }
    }
}
