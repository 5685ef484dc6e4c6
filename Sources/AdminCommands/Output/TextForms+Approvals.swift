import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit

extension TextForms {
    /// A request for approval, on one line.
    static func approvalLine(_ request: ApprovalRequest) -> String {
        let wishes = [request.reason, request.ticket.map { "ticket \($0)" }].compactMap { $0 }
        return DisplayText.visible(
            "\(request.id)  \(request.state.rawValue)  \(request.requestedAt.localText)  \(request.action) for "
                + "\(request.accountEmail), by \(request.requester)"
                + (wishes.isEmpty ? "" : ": " + wishes.joined(separator: ", "))
                + (request.decidedBy.map { "; decided by \($0)" } ?? "")
                + (request.decisionReason.map { ": \($0)" } ?? ""))
    }

    /// A request for approval in full.
    static func approval(_ request: ApprovalRequest) -> String {
        var lines = [
            ("Request", String(request.id)), ("State", request.state.rawValue), ("Action", request.action),
            (
                "For",
                "\(request.accountEmail), \(request.accountUsername), \(request.accountID.uuidString.lowercased())"
            ),
            ("By", request.requester), ("At", request.requestedAt.localText), ("Until", request.expiresAt.localText),
            ("Reason", request.reason ?? "-"), ("Ticket", request.ticket ?? "-"),
            ("Verified by", request.verifiedBy ?? "-"),
        ]
        if let user = request.decidedBy {
            lines.append(("Decided by", "\(user), \(request.decidedAt?.localText ?? "-")"))
            lines.append(("Because", request.decisionReason ?? "-"))
        }
        return fields(lines)
    }
}
