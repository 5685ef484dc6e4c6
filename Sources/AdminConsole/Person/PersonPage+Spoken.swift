internal import AccountDisplay
internal import ConsoleParts
internal import ConvonetCore
import TerminalKit

extension PersonPage {
    /// The most lines of activity that are read unasked.
    private static let mostRead = 5

    func spoken(in console: Console) -> Spoken {
        let shared = console.shared
        // What is not read yet is no news.
        let facts = (known.signIn(shared.display) + known.about(shared.times)).filter { $0.text != PersonFacts.unread }
        var spoken = Spoken(place: known.name)
        spoken.lines =
            ["\(person.email), username \(person.username)", known.states.map(\.word).joined(separator: ", ")]
            + known.notices(shared.display).map(\.text)
            + facts.map { $0.label.isEmpty ? $0.text : "\($0.label): \($0.text)" }
        let kind = shown.rawValue.isEmpty ? "" : ", \(shown.rawValue)"
        switch known.history {
        case .loading: break
        case .unavailable(let reason): spoken.lines.append("Recent activity: \(reason)")
        case .known:
            spoken.lines.append("Recent activity: \(entries.isEmpty ? "none" : "\(entries.count) events")\(kind).")
        }
        guard entries.indices.contains(selection) else { return spoken }
        func text(_ index: Int) -> String { Self.activity.spoken(items(entries[index], shared)) }
        spoken.choices = entries.indices.prefix(Self.mostRead).map { "\($0 + 1). \(text($0))" }
        spoken.numbers = Spoken.Numbers(count: entries.count, index: selection)
        spoken.focus = Spoken.Focus("", .line(text(selection)), place: "\(selection + 1) of \(entries.count)")
        return spoken
    }
}

extension EventPage {
    func spoken(in console: Console) -> Spoken {
        let lines = groups(console.shared.times).flatMap { group in
            [group.title + ":"] + group.fields.compactMap { field in field.text.map { "\(field.label): \($0)" } }
        }
        return Spoken(place: name, lines: lines)
    }
}
