package import ConvonetCore
import ConvonetDatabase
package import TerminalKit

/// The people of a batch, each with how it stands.
package enum BatchLines {
    /// Who each is, and below it what has to be read of them.
    package static func lines(_ batch: Batch, notes: (Account) -> String?, columns: Int) -> [[Line]] {
        batch.rows.map { row -> [Line] in
            let (word, style) = standing(row, of: batch)
            var lines = lines(row.account, word, style, columns)
            let isDone = [.done, .doneBefore, .wouldDo, .notTried, .nothingToDo].contains(row.standing)
            let why = isDone ? nil : row.error?.description ?? reason(row.result)
            lines += Line.wrapped(why, .dim, from: 2, columns: columns - 2)
            return lines + Line.wrapped(notes(row.account), .caution, from: 2, columns: columns - 2)
        }
    }

    /// Somebody, with a word about them at the end of the first line. Where name and address have no room beside each other, the
    /// address stands below, and never cut: it tells namesakes apart.
    package static func lines(_ account: Account, _ word: String, _ style: Style, _ columns: Int) -> [Line] {
        let wordColumns = min(TextWidth.columns(of: word), columns / 2)
        let room = max(1, columns - wordColumns - 2)
        func first(_ who: String) -> Line {
            Line([
                Line.Part(column: 0, text: TextWidth.fitted(who, to: room)),
                Line.Part(column: columns - wordColumns, text: TextWidth.fitted(word, to: wordColumns), style: style),
            ])
        }
        let (name, address) = (DisplayText.visible(account.fullName), DisplayText.visible(address(account)))
        let whole = "\(name) <\(address)>"
        if TextWidth.columns(of: whole) <= room { return [first(whole)] }
        return [first(name)] + Line.wrapped("<\(address)>", from: 2, columns: columns - 2)
    }

    /// By what somebody is told apart from others of their name.
    private static func address(_ account: Account) -> String {
        [account.email, account.username].first { !$0.isEmpty } ?? account.idText
    }

    /// The states of somebody in a word or two.
    package static func states(_ account: Account) -> (String, Style) {
        if account.isFrozen { return ("FROZEN", .danger) }
        if !account.isActive { return ("INACTIVE", .caution) }
        return account.isVerified ? ("active", .dim) : ("unverified", .caution)
    }

    private static func reason(_ result: ChangeResult) -> String? {
        guard result.rule == "approval_required", result.receipt != nil else { return result.message }
        return PendingWords.asked(result) + " Once it is approved, do this again."
    }

    private static func standing(_ row: Batch.Row, of batch: Batch) -> (String, Style) {
        let brief = row.result.rule.map { RuleName.words($0, of: batch.action.name) }
        let receipt = row.result.receipt.map { ", receipt \($0.sequence)" } ?? ""
        return switch row.standing {
        case .notTried: ("not tried", .dim)
        case .wouldDo: (batch.action.kind.words.attempt, .strong)
        case .doneBefore: ("done before\(receipt)", .dim)
        case .nothingToDo: (brief ?? "nothing to do", .dim)
        case .done: ("done\(receipt)", .good)
        case .refused: (brief ?? "refused", .danger)
        case .conflict: (row.error == nil ? brief ?? "changed meanwhile" : "left alone", .caution)
        case .failed: ("failed\(receipt)", .danger)
        case .unknown: ("OUTCOME UNKNOWN", .danger)
        }
    }
}
