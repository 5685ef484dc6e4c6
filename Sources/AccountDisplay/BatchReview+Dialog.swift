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
        return "\(words.prefix(1).uppercased())\(words.dropFirst()): \(Marks.words(people.count))"
    }

    /// What is happening, or what it means.
    private func headLines(_ columns: Int) -> [Line] {
        let text =
            switch stage {
            case .form: ChangeKind.of(action: action.name)?.meaning.map { "After this: each \($0)" }
            case .looking: "Checking: \(done) of \(people.count)…"
            case .review: wanted == 0 ? "There is nothing to do. Nothing was changed." : nil
            case .running: "Done: \(done) of \(places.count)" + (isStopping ? "; stopping after this one…" : "…")
            case .ended: batch.map { $0.counts + "." }
            }
        return Line.wrapped(text, .strong, columns: columns)
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
        case .ended: Line.wrapped(ending, .caution, columns: columns)
        default: notice
        }
    }

    /// Why it went no further.
    private var ending: String? {
        switch batch?.ending {
        case nil: nil
        case .refused(_, let message): message + " The others stay marked."
        case .error(let error): error.description + " The others stay marked."
        case .unknown: "Stopped, since the outcome of one is not known. Look at their page. The others stay marked."
        case .stopped: "Stopped between two people. The others stay marked."
        }
    }
}
