/// The words for what the database refuses: why, and the next step. What this program refuses itself brings its own.
enum RefusalText {
    static func message(rule: String?, detail policy: Policy) -> String {
        if let pattern = PINPattern.allCases.first(where: { $0.rule == rule }) { return pattern.message }
        return switch rule {
        case "account_changed":
            "The account changed since you saw it. Nothing was done; look at it again and confirm."
        case "request_id_missing": "The request has no id. Try again."
        case "request_id_reused": "This request id was used for something else. Use a new one."
        case "reason_required": "The policy asks for a reason. Give one (--reason)."
        case "ticket_required": "The policy asks for a ticket. Give one (--ticket)."
        case "ticket_malformed":
            "The ticket does not have the form that the policy asks for: \(policy.ticketPattern)."
        case "verification_required":
            "The policy asks how the caller was verified. Choose one of: "
                + policy.verificationMethods.map(\.name).joined(separator: ", ") + " (--verified-by)."
        case "external_sign_in":
            "This person signs in elsewhere and has no password here. Reset it there; only if they want a local "
                + "password as well, use --local-password."
        case "hash_malformed": "The database does not take this password hash. This is a defect; please report it."
        case "pin_malformed":
            "A voice PIN has \(policy.pinLengths.lowerBound) to \(policy.pinLengths.upperBound) digits, 0 to 9."
        case "pin_unavailable": "This PIN cannot be had. Issue one instead, or type another."
        case "typed_pin_limit":
            "Too many typed PINs were refused within the hour. Issue one instead (Enter, or --generate)."
        case "no_free_pin": "No free PIN was found. Set issued_pin_length to 6 in the policy, or clear unused PINs."
        case "no_voice_pin": "This person has no voice PIN to clear."
        case "links_only":
            "The policy lets passwords be reset only by a link that the person is sent. Use send-reset-link."
        case "link_to_inactive":
            "This account is inactive, and a link would not let the person in. Activate it first."
        case "no_reset_link": "This person has no link that is still good. There is nothing to revoke."
        case "overridden_by_trigger":
            "A trigger of the application's table changed the new value, so nothing was kept. Ask the application's team."
        case "database_error":
            "The database could not write the change. Nothing was changed; the server's log says why."
        default: "The database refused it (\(rule ?? "no reason given"))."
        }
    }
}
