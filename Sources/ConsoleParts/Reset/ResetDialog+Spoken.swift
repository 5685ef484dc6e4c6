import AccountDisplay
import ConvonetCore
import Credentials
package import TerminalKit

extension ResetDialog {
    /// Of a receipt the new value is not said before somebody asks for a line of it: what a terminal was given it keeps.
    package func spoken(_ shared: Shared) -> Spoken {
        var spoken = dialog(PersonLines.spokenRoom, shared).spoken
        guard case .receipt(let result, let closing) = stage, let secret = result.newSecret else { return spoken }
        let outcome = outcomeLines(result, closing, PersonLines.spokenRoom, shared).map(\.spoken).filter { !$0.isEmpty }
        spoken.lines = [account.fullName, account.email].filter { !$0.isEmpty } + outcome
        let lines = SpokenSecret(secret, shared.context.alphabet).lines
        if secretShownUntil == nil {
            let keys = receiptLine == nil ? "Ctrl-R, then Space, reads it" : "Ctrl-R reads the line again"
            spoken.lines.append("The new value is hidden. \(keys).")
        } else if let at = receiptLine, lines.indices.contains(at) {
            let group = lines[at]
            let text = group.text.map(String.init).joined(separator: " ")
            spoken.secrets = ["Line \(at + 1) of \(lines.count): \(text): \(group.words.joined(separator: ", "))."]
        } else {
            spoken.lines.append(
                "The new value has \(lines.count) lines. Space reads the first, and then the next; ↑ the one before. "
                    + "Your terminal keeps what is read.")
        }
        return spoken
    }
}
