import ConvonetCore
import Credentials
import TerminalKit

extension TextForms {
    /// A new secret; a password or code also as it is read out, with a line for each group.
    static func newSecret(_ secret: Secret, of value: NewValue, _ alphabet: SpellingAlphabet) -> [String] {
        if value.isPIN { return ["New voice PIN: \(secret.revealedText())"] }
        let groups = alphabet.spelling(of: secret)
        let columns = groups.map { TextWidth.columns(of: $0.text) }.max() ?? 0
        return ["\(value == .generatedCode ? "Code" : "New password"): \(secret.revealedText())"]
            + groups.map { "  \(pad($0.text, columns))  \($0.words.joined(separator: " "))" }
    }
}
