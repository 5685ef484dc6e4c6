import ConvonetCore
import FoundationEssentials

/// How the next step after a refusal is taken on the command line; the refusal's own words serve the console too.
enum RefusalHint {
    /// The message of a result with the way on.
    static func message(of result: ChangeResult) -> String? {
        let hint =
            result.outcome == .unknown
            ? unknown(result) : result.rule.flatMap { text(rule: $0, approval: result.receipt?.approval) }
        let parts = [result.message, hint].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// The message of a decision about a request for approval with the way on.
    static func message(of decision: ApprovalQueue.Result) -> String? {
        let hint = decision.receipt.rule.flatMap { text(rule: $0, approval: nil) }
        let parts = [decision.message, hint].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// The message about a caller with the way on.
    static func message(of result: CallerVerification.Result) -> String? {
        let parts = [result.message, result.rule.flatMap { text(rule: $0, approval: nil) }].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    private static func text(rule: String, approval: Int?) -> String? {
        switch rule {
        case "reason_required": "Use --reason TEXT."
        case "ticket_required", "ticket_malformed": "Use --ticket ID."
        case "verification_required": "Use --verified-by METHOD."
        case "caller_unproven": "Use “\(Program.name) verify-caller ACCOUNT”."
        case "external_sign_in": "To set one: --local-password."
        case "typed_pin_limit", "pin_unavailable", "typed_not_allowed": "Use --generate."
        case "links_only": "Use “\(Program.name) send-reset-link ACCOUNT”, or --code."
        case "pins_by_link_only": "Use “\(Program.name) send-reset-link ACCOUNT --pin”."
        case "approval_required":
            "They run “\(Program.name) approvals approve \(approval.map(String.init) ?? "ID")”."
        case "request_id_reused": "Give another --request-id, or for a batch another --batch."
        case "approval_denied", "already_decided": "See “\(Program.name) approvals --all”."
        default: nil
        }
    }

    private static func unknown(_ result: ChangeResult) -> String {
        """
        Use “\(Program.name) show \(result.account.email)”, or repeat the command with --request-id \
        \(result.requestID.uuidString.lowercased()): the change is made at most once.
        """
    }
}
