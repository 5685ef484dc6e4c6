import AccountDisplay
import ConsoleParts
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import TerminalKit

/// Every action, found by typing parts of its words; or a command with whom or what it is for.
struct ActionPalette: Overlay {
    var isList: Bool { true }

    private var line = TextField(limit: 320)
    /// What Tab goes through, until another key.
    private var completion: LineCompletion?
    /// Index among the actions that are found.
    private var selection = 0
    /// Why what was typed could not be done; until the next key.
    var problem: String?
    /// Why actions cannot be done where it was opened.
    private let reasons: [ConsoleAction: String]
    /// Their keys there.
    private let keys: [ConsoleAction: String]
    /// How many are marked where it was opened: commands without a name are for them.
    private let marked: Int
    /// The keys that its footer names, as a sentence.
    private let screenKeys: String

    init(in console: Console, line: String = "") {
        self.line.set(line)
        let hints = console.screenHints.map { "\($0.key) \($0.label)" }.joined(separator: "; ")
        screenKeys = "Keys of \(console.screen.name): \(hints)."
        let actions = ConsoleAction.allCases
        reasons = Dictionary(uniqueKeysWithValues: actions.map { ($0, console.unavailability(of: $0)) })
            .compactMapValues { $0 }
        marked = console.screen.marked.count
        keys = Dictionary(uniqueKeysWithValues: actions.map { ($0, $0.keyText(on: console.screen)) })
    }

    func hints(_ shared: Shared) -> [Footer.Hint] {
        [
            Footer.Hint("type", "to find", priority: 5), .choose, Footer.Hint("Tab", "complete", priority: 4),
            Footer.Hint("Enter", "run", priority: 8), .close,
        ]
    }

    /// The actions that the line finds: first those that can be done here.
    private var found: [ConsoleAction] {
        let all = ConsoleAction.Group.allCases.flatMap { group in ConsoleAction.allCases.filter { $0.group == group } }
        guard !line.isEmpty else { return ordered(all) }
        return ordered(
            all.compactMap { action in
                FuzzyMatch.score(line.text, in: action.title + " " + action.keyText).map { (action, $0) }
            }.sorted { $0.1 > $1.1 }.map(\.0))
    }

    private func ordered(_ actions: [ConsoleAction]) -> [ConsoleAction] {
        actions.filter { reasons[$0] == nil } + actions.filter { reasons[$0] != nil }
    }

    private var chosen: ConsoleAction? { found.indices.contains(selection) ? found[selection] : nil }

    mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        // What was looked up for the line as it was is of no use for another.
        if key != .enter { stopAsking(&shared) }
        problem = nil
        if key != .tab, key != .backTab { completion = nil }
        switch key {
        case .escape, .control("c"): shared.close()
        case .enter: accept(&shared)
        case .tab: complete(1, shared)
        case .backTab: complete(-1, shared)
        case .up: select(selection - 1)
        case .down: select(selection + 1)
        case .pageUp: select(selection - 8)
        case .pageDown: select(selection + 8)
        case .home where line.isEmpty: select(0)
        case .end where line.isEmpty: select(.max)
        default:
            let before = line.text
            line.apply(key)
            if line.text != before { selection = 0 }
        }
        return true
    }

    mutating func paste(_ text: String, _ shared: inout Shared) -> Bool {
        stopAsking(&shared)
        line.insert(PastedAddress.only(in: text))
        (selection, problem, completion) = (0, nil, nil)
        return true
    }

    private func stopAsking(_ shared: inout Shared) {
        shared.stop(FindQuery.lane)
        shared.stop(OpenEnvironment.ownLane)
    }

    func spoken(_ shared: Shared) -> Spoken {
        let (rows, index) = rows(.max, shared)
        var spoken = MenuDialog(title: "Actions", rows: rows, index: index, field: line).spoken
        // The keys of the screen first: whoever asks for all actions most often wants to know these.
        spoken.lines.insert(screenKeys, at: 0)
        return spoken
    }

    /// The command that is typed; words with which an action begins are that action.
    private var command: (command: TypedCommand, words: [String])? {
        guard let found = TypedCommand.parse(line.text) else { return nil }
        let text = line.text.lowercased()
        return found.words.isEmpty || !ConsoleAction.allCases.contains { $0.title.hasPrefix(text) } ? found : nil
    }

    private mutating func select(_ index: Int) { selection = min(max(0, index), max(0, found.count - 1)) }

    /// Goes to the next way in which the line can go on, or to the one before. A single one is no choice: the next Tab goes on
    /// behind it.
    private mutating func complete(_ step: Int, _ shared: Shared) {
        if completion == nil {
            let lines = completions(shared)
            guard !lines.isEmpty else { return select(selection + step) }
            completion = LineCompletion(lines, from: step > 0 ? 0 : lines.count - 1)
        } else {
            completion?.step(step)
        }
        line.set(completion?.line ?? "")
        if completion?.lines.count == 1 { completion = nil }
        selection = 0
    }

    private func completions(_ shared: Shared) -> [String] {
        let others = shared.context.environments.labels.filter { $0 != shared.context.environment }.map(\.name)
        return TypedCommand.completions(of: line.text, environments: others)
    }

    /// Nothing is done by Enter where nothing is found: what is typed after it must not run as keys.
    private mutating func accept(_ shared: inout Shared) {
        if let (command, words) = command { return run(command, words, &shared) }
        guard let chosen else { return }
        shared.close()
        shared.moves.append(.act(chosen))
    }

    private mutating func run(_ command: TypedCommand, _ words: [String], _ shared: inout Shared) {
        problem = command.fault(words) ?? command.action.refusal(shared.context)
        if command.argument == .account, words.isEmpty { problem = problem ?? reasons[command.action] }
        guard problem == nil else { return }
        switch command.argument {
        case .account:
            guard let name = words.first else { break }
            ask(FindQuery(text: name), &shared) { $0.take($1, command, &$2) }
            return
        case .filters where !words.isEmpty:
            let filters = words.compactMap(AccountSelection.Filter.init(parsing:))
            shared.moves.append(.list { list, shared in list.select(&shared) { $0.filters = filters } })
            return
        case .text where !words.isEmpty:
            let text = words.joined(separator: " ")
            if command.action == .auditLog {
                shared.close()
                shared.open(AuditPage(of: nil, searchingFor: text))
            } else {
                shared.moves.append(.list { $0.search(for: text, &$1) })
            }
            return
        case .environment: return goOver(to: words.joined(separator: " "), &shared)
        case .filters, .text: break
        }
        shared.close()
        shared.moves.append(.act(command.action, as: command.kind))
    }

    /// Whoever was named is seen before anything is asked about them.
    private mutating func take(
        _ result: Result<Account, AdminError>, _ command: TypedCommand, _ shared: inout Shared
    ) {
        switch result {
        case .success(let account):
            shared.close()
            shared.open(PersonPage(of: account, knowing: nil))
            if command.action != .open { shared.moves.append(.act(command.action, as: command.kind)) }
        case .failure(let error):
            shared.noteConnection(error)
            problem = error.inConsole
        }
    }
}

extension ActionPalette {
    func draw(into buffer: inout Buffer, _ shared: Shared) {
        let room = min(MenuDialog.columns, buffer.size.columns) - 8
        let (rows, index) = rows(room, shared)
        MenuDialog(title: "Actions", rows: rows, index: index, field: line).draw(into: &buffer)
    }

    /// The lines, and which of them is chosen.
    private func rows(_ room: Int, _ shared: Shared) -> ([MenuRow], Int) {
        func remark(_ text: String, _ style: Style) -> [MenuRow] {
            TextWrap.lines(text, columns: room).map { MenuRow(text: "  " + $0, style: style, isChoice: false) }
        }
        let waiting =
            shared.requests.isAwaiting(FindQuery.lane)
            ? "looking…" : shared.requests.isAwaiting(OpenEnvironment.ownLane) ? "opening…" : nil
        let said = problem.map { remark($0, .danger) } ?? waiting.map { remark($0, .dim) } ?? []
        if let (command, words) = command {
            let title = (command.kind?.title ?? command.action.title) + whom(command, words)
            if let completion {
                let above = [MenuRow(text: title, note: command.usage, isChoice: false)] + said
                return (above + completion.rows, above.count + completion.index)
            }
            let rest = command.argument == .filters ? TypedCommand.completions(of: line.text) : []
            return (
                [MenuRow(text: title, note: command.usage)] + said
                    + rest.map { MenuRow(text: "  " + $0, style: .dim, isChoice: false) }
                    + (command.argument == .environment ? environmentRows(shared) : []), 0
            )
        }
        var (rows, index) = actionRows(remark)
        let above =
            line.isEmpty
            ? remark("Type open, pin, link … ACCOUNT.", .dim)
            : tabRows(remark)
        (rows, index) = (above + rows, above.count + index)
        if rows.isEmpty {
            rows = [MenuRow(text: "No matching action.", style: .dim, isChoice: false)]
            index = 0
        }
        return (rows, index)
    }

    /// For whom a command is that names nobody.
    private func whom(_ command: TypedCommand, _ words: [String]) -> String {
        guard words.isEmpty, command.argument == .account else { return "" }
        guard marked > 0, command.kind != nil else { return ", for the person shown" }
        return command.action.reasonAgainstMany == nil ? ", for \(Marks.words(marked)) marked" : ""
    }

    /// What Tab makes of the line, first and then.
    private func tabRows(_ remark: (String, Style) -> [MenuRow]) -> [MenuRow] {
        let commands = TypedCommand.completions(of: line.text).compactMap { TypedCommand.parse($0)?.command }
        guard let first = commands.first else { return [] }
        let others = commands.dropFirst().map(\.word).joined(separator: ", ")
        return [MenuRow(text: "Tab: \(first.usage)", isChoice: false)]
            + (others.isEmpty ? [] : remark("Tab again: \(others)", .dim))
    }

    /// With headings where nothing is typed; beside each action that cannot be done why, and below the chosen one the whole of it.
    private func actionRows(_ remark: (String, Style) -> [MenuRow]) -> ([MenuRow], Int) {
        var rows: [MenuRow] = []
        var index = 0
        var heading: String?
        for (place, action) in found.enumerated() {
            let reason = reasons[action]
            let group = reason == nil ? action.group.rawValue : "Not here or not now"
            if line.isEmpty, group != heading {
                heading = group
                rows.append(MenuRow(text: group, style: .title, isChoice: false))
            }
            if place == selection { index = rows.count }
            rows.append(
                MenuRow(
                    text: action.title + (reason.map { ": \($0)" } ?? ""), note: keys[action] ?? "",
                    style: reason == nil ? .plain : .dim))
            if place == selection, let reason { rows += remark(reason, .caution) }
        }
        return (rows, index)
    }
}

extension Move {
    /// Goes to the list of accounts, and lets it change itself.
    static func list(_ change: @escaping @Sendable (inout AccountList, inout Shared) -> Void) -> Move {
        .first { part, shared in
            guard var list = part as? AccountList else { return }
            change(&list, &shared)
            part = list
        }
    }
}
