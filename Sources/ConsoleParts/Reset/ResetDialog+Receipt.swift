import AccountDisplay
import AccountPolicy
package import ConvonetCore
import Credentials
import OperatingSystem
import PostgresClient
package import TerminalKit

extension ResetDialog {
    /// A receipt with a secret is closed by Esc twice, for it is the last that is seen of it; another by Esc or Enter.
    package mutating func updateReceipt(_ result: ChangeResult, _ closing: Closing, _ key: Key, _ shared: inout Shared)
    {
        var next = Closing.open
        switch key {
        case .escape where closing == .begun || result.newSecret == nil, .enter where result.newSecret == nil:
            return close(&shared)
        case .escape: next = .begun
        case _ where follows(key, shared.context):
            guard let action = ConsoleAction(key) else { break }
            guard closing == .leaving(action) || result.newSecret == nil else {
                next = .leaving(action)
                break
            }
            close(&shared)
            return shared.moves.append(.act(action))
        case .character("t"): shared.moves.append(.act(.times))
        case .control("r"):
            if secretShownUntil != nil { secretShownUntil = nil } else { showSecret(shared.uptime) }
        case .character(" ") where secretShownUntil != nil: receiptLine = receiptLine == nil ? 0 : nil
        case .up, .down:
            if let line = receiptLine, let secret = result.newSecret {
                let last = SpokenSecret(secret, shared.context.alphabet).lines.count - 1
                receiptLine = min(max(0, line + (key == .down ? 1 : -1)), last)
            } else {
                _ = scroll(key, shared)
            }
        default: if !scroll(key, shared) { next = .asked }
        }
        stage = .receipt(result, next)
    }
}

extension ResetDialog {
    /// What may come next, and is offered on the receipt: taking it back for a while, and signing out whoever is signed in.
    package func nextActions(_ context: ConsoleContext) -> [ConsoleAction] {
        let done = submitted ?? chosen
        let mayUndo = done.canBeTakenBack && context.policy.undoMinutes > 0
        let maySignOut = done.suggestsSignOut && ConsoleAction.signOut.refusal(context) == nil
        return (mayUndo ? [.undo] : []) + (maySignOut ? [.signOut] : [])
    }

    private func follows(_ key: Key, _ context: ConsoleContext) -> Bool {
        ConsoleAction(key).map(nextActions(context).contains) ?? false
    }
}

extension ResetDialog {
    package func receiptLines(_ result: ChangeResult, _ closing: Closing, _ room: Int, _ shared: Shared) -> [Row] {
        let lines = outcomeLines(result, closing, room, shared)
        guard let secret = result.newSecret else { return lines.map(Row.line) }
        let value = secretLines(secret, shared.context.alphabet, room)
        return [.line(.blank)] + value + ([Line.blank] + lines).map(Row.line)
    }

    /// What was done, without the new value.
    package func outcomeLines(_ result: ChangeResult, _ closing: Closing, _ room: Int, _ shared: Shared) -> [Line] {
        let moment = result.receipt?.occurredAt
        let number = result.receipt.map { String($0.sequence) } ?? "-"
        let texts: [(String?, Style)] = [
            (
                (result.isReplicated ? "✓ " : "DONE ON THIS SERVER ONLY. ") + doneText,
                result.isReplicated ? .good : .danger
            ),
            (result.receipt?.temporaryUntil.map { temporaryText($0, shared.times) }, .caution),
            (consequence(result.account), .caution), (result.message, .caution),
            ("Receipt \(number), \(moment.map(shared.times.second) ?? "-")", .plain),
            (signOutText(shared.context), .plain), ("", .plain),
            (closingText(result, closing, shared.uptime), closing == .open ? .dim : .caution),
        ]
        return texts.flatMap { Line.wrapped($0.0, $0.1, columns: room) }
    }

    private func closingText(_ result: ChangeResult, _ closing: Closing, _ uptime: Int) -> String {
        if result.newSecret == nil { return "Esc or Enter closes this." }
        return switch closing {
        case .open:
            secondsShown(uptime).map { "Hides in \($0 / 60):\($0 % 60 < 10 ? "0" : "")\($0 % 60). " } ?? ""
        case .asked: "Press Esc twice to close. You cannot view it again."
        case .leaving(let action):
            "Press \(action.firstKeyText) once more to "
                + (action == .undo ? "take this back" : "sign this person out everywhere")
                + ". You cannot view the new value again."
        case .begun: "Press Esc once more to close. You cannot view it again."
        }
    }

    private func secretLines(_ secret: Secret, _ alphabet: SpellingAlphabet, _ room: Int) -> [Row] {
        guard secretShownUntil != nil else {
            return Line.wrapped("The new value is hidden. Ctrl-R shows it.", .caution, columns: room).map(Row.line)
        }
        let spoken = SpokenSecret(secret, alphabet)
        if let line = receiptLine, spoken.lines.indices.contains(line) {
            let group = spoken.lines[line]
            let lines =
                [Line.blank] + Line.wrapped(group.words.joined(separator: "   "), .strong, columns: room)
                + [Line("Line \(line + 1) of \(spoken.lines.count)", .dim)]
            return [.newValue(group.text.map(String.init).joined(separator: " "))] + lines.map(Row.line)
        }
        let texts = spoken.lines.map { TextWidth.columns(of: $0.text) }.max() ?? 0
        // The words stand below each other where all lines have room for that.
        let widest = spoken.lines.flatMap { $0.words }.map { TextWidth.columns(of: $0) }.max() ?? 0
        let most = spoken.lines.map(\.words.count).max() ?? 0
        let isAligned = texts + 3 + most * (widest + 2) <= room
        let value = spoken.spaced.count <= room ? spoken.spaced : secret.revealedText()
        let lines = spoken.lines.flatMap { group -> [Line] in
            let words =
                isAligned
                ? [group.words.map { TextWidth.padded($0, to: widest) }.joined(separator: "  ")]
                : TextWrap.lines(group.words.joined(separator: "  "), columns: room - texts - 3)
            return words.enumerated().map { row, words in
                Line([
                    Line.Part(column: 0, text: row == 0 ? group.text : "", style: .strong),
                    Line.Part(column: texts + 3, text: words),
                ])
            }
        }
        return [.newValue(value)] + ([Line.blank] + lines).map(Row.line)
    }

    /// What the person still needs for it to be of use.
    private func consequence(_ account: Account) -> String? {
        guard !account.isActive, chosen.value != .none, kind.noun != nil else { return nil }
        return "! Inactive: cannot sign in yet. x activates the account next."
    }

    /// For an emergency: a stranger may be signed in.
    private func signOutText(_ context: ConsoleContext) -> String? {
        guard nextActions(context).contains(.signOut) else { return nil }
        return "Somebody else may be signed in? \(ConsoleAction.signOut.firstKeyText) signs out everywhere."
    }

    private func temporaryText(_ until: Timestamp, _ times: Times) -> String {
        "Temporary: works until \(times.deadline(until)) unless the person changes it."
    }

    private var doneText: String {
        let words = (submitted ?? chosen).words.result(before ?? account)
        guard let undone else { return words }
        return "\(ActionName.doneWords(undone.action)), receipt \(undone.receipt). \(words)"
    }
}
