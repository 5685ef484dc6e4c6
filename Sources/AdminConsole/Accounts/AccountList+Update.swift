import AccountDisplay
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit

/// How the list is read, and what is read beside it.
extension AccountList {
    /// How many a filter hides is of another selection, and who matches comes before who is alike.
    mutating func selectionChanged(_ shared: inout Shared) {
        selection.isAlike = false
        unfiltered = nil
        shared.stop(CountQuery<AccountSelection>.lane(isUnfiltered: true))
    }

    /// Reads it anew, and what goes with it.
    mutating func reload(_ shared: inout Shared) {
        teams = [:]
        lacksTeams = false
        shared.stop(TeamsQuery.lane)
        refresh(&shared)
        checkMarks(&shared)
    }

    mutating func failed(_ error: AdminError, _ purpose: ListFetch<Account>.Purpose, _ shared: inout Shared) {
        heldKeys = []
        // Whom that was to find nobody asked for.
        if selection.isAlike, purpose == .begin { selection.isAlike = false }
        if shared.lost == nil { shared.noteConnection(error) } else { shared.lost?.fail(error, uptime: shared.uptime) }
        // Another try comes of itself.
        if shared.lost != nil, purpose == .refresh || purpose == .seek { return }
        shared.say(error.inConsole + " Press F5 to try again.", .danger)
    }

    mutating func filled(lost: Account?, _ shared: inout Shared) {
        noteAlike(&shared)
        lookForAlike(&shared)
        speakOfIndex(&shared)
        if let lost { shared.say("\(lost.fullName) <\(lost.email)> is no longer in this list.", .caution) }
        countUnfiltered(&shared)
        askForOwnChanges(&shared)
        releaseKeys(&shared)
    }

    mutating func vanished(_ row: Account, _ shared: inout Shared) {
        shared.say("\(row.fullName) <\(row.email)> is no longer in this list. r reloads it.", .caution)
    }

    mutating func readAnew(_ shared: inout Shared) {
        preview?.readAt = shared.uptime
        fetch(.refresh, &shared, live: true)
        checkMarks(&shared)
    }

    /// Tries again when it is time: the one place that does so without having been asked.
    mutating func reconnectIfDue(_ shared: inout Shared) {
        guard let lost = shared.lost, shared.uptime >= lost.nextTry, window.fetch == nil else { return }
        shared.lost?.begin(uptime: shared.uptime)
        reload(&shared)
    }

    /// Once, and only where there are so many people that it is felt.
    private mutating func speakOfIndex(_ shared: inout Shared) {
        guard !shared.context.hasSearchIndex, !hasSpokenOfIndex, !selection.words.isEmpty,
            peopleInAll.map({ $0.number > 100_000 }) ?? false
        else { return }
        hasSpokenOfIndex = true
        shared.say(
            "This search read the whole table. “convonet-admin migrate --search-index” makes searches immediate.")
    }

    /// Counts how many the filters hide, once it is known whom they leave.
    private mutating func countUnfiltered(_ shared: inout Shared) {
        guard showsAnswer, unfiltered == nil, !selection.filters.isEmpty, !selection.words.isEmpty,
            !shared.requests.isAwaiting(CountQuery<AccountSelection>.lane(isUnfiltered: true))
        else { return }
        var selection = selection
        selection.filters = []
        ask(CountQuery(selection: selection, isUnfiltered: true), &shared) { list, total, shared in
            list.unfiltered = try? total.get()
            list.lookForAlike(&shared)
        }
    }

    /// How far back the console looks on starting for what became of the operator's last change.
    private static let recentMinutes = 10

    /// Once, and after the first page, so that nothing at the server takes its time while somebody waits for the screen.
    private mutating func askForOwnChanges(_ shared: inout Shared) {
        guard !hasAskedForOwnChanges else { return }
        hasAskedForOwnChanges = true
        if shared.context.readOnlyReason == nil {
            ask(OwnChangesQuery(minutes: Self.recentMinutes), &shared) { _, changes, shared in
                // It is told only where nothing else is being said yet; without the right to ask there is nothing to tell.
                if shared.message == nil, let last = try? changes.get().first { shared.say(last) }
            }
        }
        shared.readPending()
    }

    /// The most people whose teams are read at once.
    private static let mostTeams = 500

    /// Reads the teams of the people that are loaded, where a column shows them and they are not known yet.
    mutating func readTeamsIfShown(_ shared: inout Shared) {
        let columns = shared.size.columns - Preview.columns(shared.size)
        guard shared.isSeen, !lacksTeams, !shared.requests.isAwaiting(TeamsQuery.lane),
            shared.lost == nil, showsAnswer, window.fetch == nil, shownColumns(columns).contains(.team),
            window.shown.contains(where: { teams[$0.id] == nil })
        else { return }
        let unknown = Array(window.rows.map(\.id).filter { teams[$0] == nil }.prefix(Self.mostTeams))
        ask(TeamsQuery(ids: unknown), &shared) { list, result, _ in
            // What cannot be read is not said to be none.
            guard case .success(let found) = result else { return list.lacksTeams = true }
            for id in unknown { list.teams[id] = found[id] ?? [] }
        }
    }

    /// Opens the person above or below.
    mutating func openNeighbour(_ step: Int, _ shared: inout Shared) {
        let before = window.selectedID
        _ = move(step > 0 ? .down : .up, &shared)
        guard window.selectedID != before, let account = window.selected else {
            let end = step > 0 ? "last" : "first"
            return shared.say("This is the \(end) person of the list.")
        }
        shared.open(PersonPage(of: account, knowing: facts))
    }
}

extension Shared {
    /// After a line that dropped, what became of the last change.
    fileprivate mutating func say(_ change: RecentChange) {
        let entry = change.entry
        let rule = entry.rule.map { " (\(RuleName.words($0)))" } ?? ""
        say(
            "Your last change: \(ActionName.words(entry.action)) for \(change.accountEmail ?? "somebody"), \(entry.outcome)"
                + "\(rule), \(Age.ago(entry.occurredAt, now: now)); receipt \(entry.sequence).",
            entry.outcome == "done" ? .accent : .caution)
    }
}
