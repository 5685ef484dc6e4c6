package import ConvonetCore

extension ApprovalQueue.Pending {
    /// In the header: `2 to approve`; nil where nothing waits.
    package func text(mayDecide: Bool) -> String? {
        let parts = [
            mayDecide && ofOthers > 0 ? "\(ofOthers) to approve" : nil, granted > 0 ? "\(granted) approved" : nil,
            own > 0 ? "\(own) pending" : nil, mayDecide ? reportsText : nil,
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// How many people said that something was not them, and wait for a supervisor; nil where nobody did.
    package var reportsText: String? { reports > 0 ? "\(reports) “not me”" : nil }

    /// Whether there is something new since, for whoever waits or may decide.
    package func calls(_ mayDecide: Bool, after before: Self) -> Bool {
        granted > before.granted || own < before.own
            || mayDecide && (ofOthers > before.ofOthers || reports > before.reports)
    }
}

/// What is said of a change that was refused until a second person approves it.
package enum PendingWords {
    /// That the request was made: nothing more has to be sent.
    package static func asked(_ result: ChangeResult) -> String {
        "\(result.receipt?.approval.map { "Request \($0)" } ?? "Your request") is with the supervisors."
    }
}
