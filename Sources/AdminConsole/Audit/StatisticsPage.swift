import AuditStatistics
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import TerminalKit

/// How many events of the log there are, by a group, as bars.
struct StatisticsPage: ListScreen {
    var selection = TallySelection()
    var window = VirtualList<AuditTally>()
    var answered: ListAnswer<TallySelection>?
    var unansweredSince: Int?
    var live = LiveReading()

    var name: String { "statistics" }
    var place: Place? { .statistics }
    var nobody: String { "Nobody is selected here. Enter shows the events." }

    var actions: Set<ConsoleAction> { [.open, .filter, .refresh] }

    /// The group that keys act on.
    private var tally: AuditTally? { showsAnswer ? window.selected : nil }

    func unavailability(of action: ConsoleAction, in console: Console) -> String? {
        guard action == .open else { return nil }
        guard let tally else { return "Nothing is selected." }
        return events(tally) == nil
            ? "The log cannot be limited to this: it can to actions (1) and operators (2)." : nil
    }

    /// The log's filter for the events of a group; nil where it has none that says so.
    private func events(_ tally: AuditTally) -> AuditFilterForm? {
        switch selection.grouping {
        case .action where ActionName.known.contains { $0.name == tally.group }:
            AuditFilterForm(action: tally.group, since: selection.period.rawValue)
        // What is not an operator stands in parentheses.
        case .operatorName where !tally.group.hasPrefix("("):
            AuditFilterForm(operatorName: tally.group, since: selection.period.rawValue)
        default: nil
        }
    }

    /// A digit counts by another group.
    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        guard case .character(let letter) = key, let number = letter.wholeNumberValue,
            (1...AuditGrouping.allCases.count).contains(number)
        else { return false }
        count(TallySelection(by: AuditGrouping.allCases[number - 1], selection.period), &shared)
        return true
    }

    private mutating func count(_ wanted: TallySelection, _ shared: inout Shared) {
        guard wanted != selection else { return }
        selection = wanted
        restart(&shared)
    }

    mutating func perform(_ action: ConsoleAction, _ shared: inout Shared) {
        if move(action, &shared) { return }
        switch action {
        case .back, .quit: shared.close()
        case .open:
            guard let filter = tally.flatMap(events) else { return }
            shared.open(AuditPage(limitedBy: filter, now: shared.now), keepsOthers: true)
        case .filter: show(StatisticsForm(selection), &shared) { $0.count($1.selection, &$2) }
        case .refresh: fetch(.refresh, &shared)
        default: break
        }
    }

    /// All groups are read at once, and so counted.
    mutating func readAnew(_ shared: inout Shared) { fetch(.refresh, &shared, live: true) }

    mutating func settle(_ shared: inout Shared) { readAgainIfLost(&shared) }
}
