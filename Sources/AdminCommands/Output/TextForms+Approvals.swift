import ConvonetCore
import FoundationEssentials
import OperatingSystem
import PostgresClient
import TerminalKit

extension TextForms {
    /// A request for approval, on one line.
    static func approvalLine(_ request: ApprovalRequest) -> String {
        let wishes = [request.reason, request.ticket.map { "ticket \($0)" }].compactMap { $0 }
        return DisplayText.visible(
            "\(request.id)  \(state(request))  \(request.requestedAt.localText)  \(ActionName.words(request.action)) for "
                + "\(request.accountEmail), by \(request.requester.words)"
                + (wishes.isEmpty ? "" : ": " + wishes.joined(separator: ", "))
                + (request.decidedBy.map { "; decided by \($0)" } ?? "")
                + (request.decisionReason.map { ": \($0)" } ?? ""))
    }

    /// A request for approval in full.
    static func approval(_ request: ApprovalRequest) -> String {
        var lines = [
            ("Request", String(request.id)), ("State", state(request)), ("Action", ActionName.words(request.action)),
            (
                "Account",
                "\(request.accountEmail), \(request.accountUsername), \(request.accountID.uuidString.lowercased())"
            ),
            ("Requested by", request.requester.words), ("Requested", request.requestedAt.localText),
            ("Valid until", request.expiresAt.localText),
            ("Reason", request.reason ?? "-"), ("Ticket", request.ticket ?? "-"),
            ("Verified by", request.verifiedBy ?? "-"),
        ]
        if let user = request.decidedBy {
            lines.append(("Decided by", "\(user), \(request.decidedAt?.localText ?? "-")"))
            lines.append(("Comment", request.decisionReason ?? "-"))
        }
        return fields(lines)
    }

    private static func state(_ request: ApprovalRequest) -> String {
        request.state == .requested ? "pending" : request.state.rawValue
    }
}
