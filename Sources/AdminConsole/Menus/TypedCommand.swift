import ConsoleParts
import ConvonetCore

/// A command that can be typed in place of a key, with what it is for: `pin bo36`.
struct TypedCommand: Equatable, Sendable {
    /// What stands behind its word.
    enum Argument: String, Sendable {
        case account = "ACCOUNT", filters = "FILTER…", text = "TEXT", environment = "NAME"
    }

    /// As it is typed, without blanks.
    let word: String
    let argument: Argument
    let action: ConsoleAction
    /// The change, where the action's key means one of several.
    var kind: ChangeKind?

    var usage: String { "\(word) \(argument.rawValue)" }

    /// All, changes first; their words follow from the catalogue.
    static let all: [TypedCommand] =
        ConsoleAction.allCases.flatMap { action in
            action.changes.map { kind in
                let name = action.changes.count == 1 ? action.brief : kind.id
                let word = name.lowercased().split { " _".contains($0) }.joined(separator: "-")
                return TypedCommand(word: word, argument: .account, action: action, kind: kind)
            }
        } + [
            TypedCommand(word: "open", argument: .account, action: .open),
            TypedCommand(word: "caller", argument: .account, action: .verifyCaller),
            TypedCommand(word: "history", argument: .account, action: .accountHistory),
            TypedCommand(word: "search", argument: .text, action: .search),
            TypedCommand(word: "log", argument: .text, action: .auditLog),
            TypedCommand(word: "filter", argument: .filters, action: .filter),
            TypedCommand(word: "env", argument: .environment, action: .environment),
        ]

    /// The command that a line begins with, and the words behind it; nil where it begins with none.
    static func parse(_ line: String) -> (command: TypedCommand, words: [String])? {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first?.lowercased(), let command = all.first(where: { $0.isCalled(first) }) else {
            return nil
        }
        return (command, Array(words.dropFirst()))
    }

    /// Whether it has this name; a change has also the one that it has in the catalogue.
    private func isCalled(_ name: String) -> Bool {
        name == word || name == kind?.id.replacing("_", with: "-")
    }

    /// What the end of a line can go on as, the whole line each time; environments by their names.
    static func completions(of line: String, environments: [String] = []) -> [String] {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard let last = words.last else { return [] }
        if words.count == 1 {
            return last.isEmpty ? [] : all.filter { $0.word.hasPrefix(last.lowercased()) }.map { $0.word + " " }
        }
        let argument = parse(line)?.command.argument
        if argument == .environment {
            let typed = line.drop { $0 != " " }.drop { $0 == " " }
            return environments.filter { $0.lowercased().hasPrefix(typed.lowercased()) && $0 != typed }.map {
                "\(words[0]) \($0)"
            }
        }
        guard argument == .filters else { return [] }
        let begun = words.dropLast().joined(separator: " ")
        return AccountSelection.Filter.examples.map(\.spelling).filter { $0.hasPrefix(last) && $0 != last }.map {
            "\(begun) \($0)"
        }
    }

    /// What is wrong with the words behind it; nil where nothing is.
    func fault(_ words: [String]) -> String? {
        switch argument {
        case .account where words.count > 1:
            "Name one person, by e-mail address, username or id. Nothing else belongs here, least of all a password or PIN."
        case .filters:
            words.first { AccountSelection.Filter(parsing: $0) == nil }.map {
                "There is no filter “\($0)”. Use \(AccountSelection.Filter.spellings)."
            }
        default: nil
        }
    }
}
