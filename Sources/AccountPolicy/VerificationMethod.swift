/// One way in which a caller may be verified.
public struct VerificationMethod: Equatable, Sendable {
    /// What is logged, such as `callback`.
    public var name: String
    /// What the operator has to ask or to answer, such as “Did you call back the number on file?”.
    public var question: String?

    /// Reads `name` or `name: question`, as the policy has it.
    public init(parsing text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { Self.trimmed($0) }
        name = parts.first ?? ""
        question = parts.count > 1 ? parts[1] : nil
    }

    /// The method as the policy has it.
    public var text: String { question.map { "\(name): \($0)" } ?? name }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
