import AccountPolicy

/// A rule by which the database refuses one kind of change and no other, with its words.
///
/// They name neither keys nor options, since every front end shows them.
public struct RefusalRule: Sendable {
    /// The rule, as the log has it.
    let name: String
    /// The rule in a few words, as after “refused: ”.
    let brief: String
    /// Why, and the next step.
    let sentence: @Sendable (Policy) -> String

    init(_ name: String, brief: String, sentence: @escaping @Sendable (Policy) -> String) {
        self.name = name
        self.brief = brief
        self.sentence = sentence
    }

    init(_ name: String, _ brief: String, _ sentence: String) {
        self.init(name, brief: brief) { _ in sentence }
    }

    /// That of a name; nil where it is none of a kind of change.
    static func named(_ name: String) -> RefusalRule? { byName[name] }

    private static let byName = Dictionary(
        uniqueKeysWithValues: ChangeKind.all.flatMap(\.refusals).map { ($0.name, $0) })
}
