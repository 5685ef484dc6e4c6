import ConvonetCore
import ConvonetDatabase
package import TerminalKit

extension BatchReview {
    /// What of it is shown.
    package func dialog(_ size: Size) -> PeopleDialog<Field> {
        let columns = PeopleDialog<Field>.columns(size)
        let warnings = [gone.isEmpty ? nil : Marks.gone(gone), stage == .form ? warning(size) : nil]
        return PeopleDialog(
            title: title, warning: warnings.flatMap { Line.wrapped($0, .caution, columns: columns) },
            head: Line.wrapped(headText, .strong, columns: columns), form: stage == .form ? form : nil,
            people: personLines(columns), foot: footLines(columns),
            word: stage == .review && wanted > 0 ? word : nil, top: top)
    }

    /// What of it is said. How far it is with hundreds is told ten times, and who they are before and after that.
    package func spoken(_ size: Size) -> Spoken {
        var told = self
        told.done -= done % max(1, places.count / 10)
        var dialog = told.dialog(size)
        if stage == .looking || stage == .running { dialog.people = [] }
        return dialog.spoken
    }

    /// How far it can be scrolled, and by how much at once; where it is told, by people.
    package func scrolling(_ size: Size, isTold: Bool) -> (last: Int, page: Int) {
        let dialog = dialog(size)
        guard isTold else { return dialog.scrolling(size) }
        let page = PeopleDialog<Field>.spokenPage
        return (max(0, dialog.people.count - 1) / page * page, page)
    }

    private var title: String {
        let words = action.words.attempt
        let whom =
            people.isEmpty
            ? "nobody" : people.count > 2 ? Marks.words(people.count) : Marks.names(people)
        return "\(words.prefix(1).uppercased())\(words.dropFirst()): \(DisplayText.visible(whom))"
    }

    /// That it is not about the selected person, where somebody else is marked; nil where it is.
    private func warning(_ size: Size) -> String? {
        guard let selected, !people.contains(where: { $0.id == selected.id }) else { return nil }
        // Of namesakes one may be marked and the other selected.
        let name = Marks.name(selected)
        if !PeopleDialog<Field>.isRoomy(size) { return "Not for \(name)." }
        let whom = people.count == 1 ? "the one who is" : "those who are"
        return "This is for \(whom) marked, not for \(name), who is selected."
    }

    /// What is happening, or what it means.
    private var headText: String? {
        switch stage {
        case .form: ChangeKind.of(action: action.name).flatMap(Self.meaning)
        case .looking: (reviewed == nil ? "Checking" : "Checking once more") + ": \(done) of \(people.count)…"
        case .review: wanted == 0 ? "There is nothing to do. Nothing was changed." : why
        case .running: "Done: \(done) of \(places.count)" + (isStopping ? "; stopping after this one…" : "…")
        case .ended: batch.map { $0.counts + "." }
        }
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
    private func personLines(_ columns: Int) -> [[Line]] {
        guard let batch, stage != .looking else {
            return people.map { account in
                let (word, style) = BatchLines.states(account)
                return BatchLines.lines(account, word, style, columns)
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
            [ending, requestsText, Marks.remaining(batch?.rows.count(where: \.staysMarked) ?? 0)].flatMap {
                Line.wrapped($0, .caution, columns: columns)
            }
        default: notice
        }
    }

    /// For whom it came to a request only, since they were protected by then; nil where for nobody.
    private var requestsText: String? {
        let asked = (batch?.rows ?? []).filter { $0.result.rule == "approval_required" && $0.result.receipt != nil }
        guard !asked.isEmpty else { return nil }
        return "A request for approval was made for each of these, who are protected: "
            + Marks.names(asked.map(\.account)) + "."
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
