import ConvonetCore
import PostgresClient
import TerminalKit

extension Console {
    mutating func openPerson(_ account: Account) -> [Effect] {
        let request = nextRequest()
        person = PersonPage(account: account, request: request)
        return [.loadPerson(request: request, account.id)]
    }

    /// What an action does on a person's page.
    mutating func performOnPerson(_ action: ConsoleAction) -> [Effect] {
        switch action {
        case .back, .quit: person = nil
        case .refresh:
            if let account = person?.account { return reloadPerson(account) }
        case .up: scrollPerson(by: -1)
        case .down: scrollPerson(by: 1)
        case .pageUp: scrollPerson(by: -Console.bodyRows(size) / 2)
        case .pageDown: scrollPerson(by: Console.bodyRows(size) / 2)
        case .first: person?.top = 0
        case .last: scrollPerson(by: .max / 2)
        default: break
        }
        return []
    }

    /// Reads the person anew, keeping what is shown until the answer is there.
    mutating func reloadPerson(_ account: Account) -> [Effect] {
        let request = nextRequest()
        person?.request = request
        return [.loadPerson(request: request, account.id)]
    }

    private mutating func scrollPerson(by rows: Int) {
        guard let page = person else { return }
        let last = max(0, page.lines(columns: size.columns, now: now).count - Console.bodyRows(size))
        person?.top = min(max(0, min(page.top, last) + rows), last)
    }

    mutating func takeAccountForPerson(_ request: Int, _ result: Result<Account?, AdminError>) -> [Effect] {
        guard person?.request == request else { return [] }
        switch result {
        case .success(let account?):
            person?.account = account
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
            reset?.recent = entries.filter { $0.outcome == "done" && now.seconds(since: $0.occurredAt) < 3600 }.prefix(
                2
            ).map {
                "\(ActionText.name($0.action)) \(Age.ago($0.occurredAt, now: now)) by \($0.operatorName), receipt \($0.sequence)"
            }
        }
        guard person?.request == request else { return [] }
        switch result {
        case .success(let entries): person?.history = .entries(entries)
        case .failure(.notPermitted): person?.history = .unavailable("Your rights do not show what was done here.")
        case .failure(let error): person?.history = .unavailable(error.description)
        }
        return []
    }
}
