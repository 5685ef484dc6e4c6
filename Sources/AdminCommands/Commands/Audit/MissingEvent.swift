import AuditVerification
import ConvonetCore
import FoundationEssentials
import TerminalKit

/// An event that was kept elsewhere and that the log does not hold, with what its line says of it.
struct MissingEvent {
    private let anchor: AuditAnchor
    private let mention: AuditJournal.Mention?

    init(_ anchor: AuditAnchor, _ journal: AuditJournal?) {
        self.anchor = anchor
        mention = anchor.origin == .journal ? journal?.mentions[anchor.hash] : nil
    }

    /// For a person.
    var text: String {
        guard let mention else { return "event \(anchor.sequence), hash \(anchor.hash.hexadecimal), in the checkpoint" }
        // A line that somebody wrote need not say all of it.
        var parts = ["event \(anchor.sequence)"]
        if !mention.action.isEmpty { parts.append("\(ActionName.words(mention.action)): \(mention.outcome)") }
        if !mention.operatorName.isEmpty { parts.append("by \(mention.operatorName)") }
        if let account = mention.account { parts.append("account \(account.uuidString.lowercased())") }
        if let request = mention.request { parts.append("request \(request.uuidString.lowercased())") }
        return DisplayText.visible(parts.joined(separator: ", "))
    }

    /// For a program, as a line of the journal has it.
    var words: String {
        var words = ["sequence=\(anchor.sequence)", "hash=\(anchor.hash.hexadecimal)"]
        if let mention {
            if let request = mention.request { words.append("request=\(request.uuidString.lowercased())") }
            words.append("action=\(mention.action)")
            if let account = mention.account { words.append("account=\(account.uuidString.lowercased())") }
            words += ["operator=\(mention.operatorName)", "outcome=\(mention.outcome)"]
        }
        return words.joined(separator: " ")
    }
}
