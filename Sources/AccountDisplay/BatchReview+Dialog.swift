import ConvonetCore
import ConvonetDatabase
package import TerminalKit

extension BatchReview {
    /// What of it is shown.
    package func dialog(_ size: Size) -> PeopleDialog<Field> {
        let columns = PeopleDialog<Field>.columns(size)
        return PeopleDialog(
            title: title, head: headLines(columns), form: stage == .form ? form : nil, people: personLines(columns),
            foot: footLines(columns), word: stage == .review && wanted > 0 ? word : nil, top: top)
    }

    private var title: String {
        let words = action.words.attempt
        let whom = people.count > 2 ? Marks.words(people.count) : people.map(Self.name).joined(separator: " and ")
        return "\(words.prefix(1).uppercased())\(words.dropFirst()): \(DisplayText.visible(whom))"
    }

    /// Of namesakes one may be marked and the other selected.
    private static func name(_ account: Account) -> String {
        account.email.isEmpty ? account.fullName : account.email
    }

    /// That it is not about the selected person, where somebody else is marked; nil where it is.
    private var warning: String? {
        guard let selected, !people.contains(where: { $0.id == selected.id }) else { return nil }
        let name = DisplayText.visible(Self.name(selected))
        let whom = people.count == 1 ? "the one who is" : "those who are"
        return "This is for \(whom) marked, not for \(name), who is selected."
    }

    /// What is happening, or what it means.
    private func headLines(_ columns: Int) -> [Line] {
        let text =
            switch stage {
            case .form: ChangeKind.of(action: action.name).flatMap(Self.meaning)
            case .looking: "Checking: \(done) of \(people.count)…"
            case .review: wanted == 0 ? "There is nothing to do. Nothing was changed." : why
            case .running: "Done: \(done) of \(places.count)" + (isStopping ? "; stopping after this one…" : "…")
            case .ended: batch.map { $0.counts + "." }
            }
        let warning = stage == .form ? Line.wrapped(warning, .caution, columns: columns) : []
        return warning + Line.wrapped(text, .strong, columns: columns)
    }

    /// What becomes of each.
    private static func meaning(_ kind: ChangeKind) -> String? {
        switch kind {
        case .link:
            "Each gets a link at the address shown below; until it is used, their password and PIN stay as they are"
        case .revocation: "After this all open links and codes of each are void"
        case .unblocking: "The wrong old passwords of each are forgotten: each can set a new password again at once"
        default: kind.meaning.map { "After this each \($0)" }
        }
    }

    /// What the log will say of why.
    private var why: String? {
        guard let context = batch?.context else { return nil }
        let facts = [("Ticket", context.ticket), ("Verified by", context.verifiedBy), ("Reason", context.reason)]
        let given = facts.compactMap { label, text in text.map { "\(label): \(DisplayText.visible($0))" } }
        return given.isEmpty ? "Without a reason or a ticket." : given.joined(separator: "; ")
    }

    /// Everybody, with what is known of each.
    private func personLines(_ columns: Int) -> [Line] {
        guard let batch, stage != .looking else {
            return people.map { account in
                let (word, style) = BatchLines.states(account)
                return BatchLines.line(account, word, style, columns)
            }
        }
        return BatchLines.lines(batch, notes: { changed[$0.id] }, columns: columns)
    }

    /// What stands below the people.
    private func footLines(_ columns: Int) -> [Line] {
        let notice = Line.wrapped(problem, .danger, columns: columns)
        return switch stage {
        case .review where wanted > 0 && notice.isEmpty:
            Line.wrapped(batch.map { $0.counts + "." }, .strong, columns: columns)
        case .ended:
            Line.wrapped(ending, .caution, columns: columns)
                + Line.wrapped(
                    Marks.remaining(batch?.rows.count(where: \.staysMarked) ?? 0), .caution, columns: columns)
        default: notice
        }
    }

    /// Why it went no further.
    private var ending: String? {
        switch batch?.ending {
        case nil: nil
        case .refused(_, let message): message
        case .error(let error): error.description
        case .unknown: "Stopped, since the outcome of one is not known. Look at their page."
        case .stopped: "Stopped between two people."
        }
    }
}
