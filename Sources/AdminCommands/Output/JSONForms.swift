import ConvonetCore
import Credentials
import FoundationEssentials
import JSONText
import OperatingSystem
import PostgresClient
import ProgramStart
import TerminalKit

/// The JSON that scripts rely on; see docs/COMMANDS.md.
enum JSONForms {
    /// The number of this form.
    static let format = 1

    /// An account; `match` says how a search found it.
    static func account(_ account: Account, match: SearchMatch? = nil) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("id", account.idText)
        object.add("email", account.email)
        object.add("username", account.username)
        object.add("first_name", account.firstName)
        object.add("last_name", account.lastName)
        object.add("sign_in", account.signIn.rawValue)
        object.add("external_marker", account.externalMarker)
        object.add("has_voice_pin", account.hasVoicePIN)
        object.add("is_active", account.isActive)
        object.add("is_verified", account.isVerified)
        object.add("is_frozen", account.isFrozen)
        object.add("created_at", account.createdAt.rfc3339)
        object.add("updated_at", account.updatedAt.rfc3339)
        object.add("last_login_at", account.lastLoginAt?.rfc3339)
        if let match { object.add("match", match.rawValue) }
        return object
    }

    static func result(_ result: ChangeResult, in label: EnvironmentLabel?, secretName: String) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("outcome", result.outcome.rawValue)
        if result.outcome != .done, result.outcome != .wouldDo {
            object.add("rule", result.rule)
            object.add("message", RefusalHint.message(of: result))
        } else if result.outcome == .done, let note = result.message {
            object.add("note", note)
        }
        object.add("account", person(result.account))
        addReceipt(of: result, to: &object)
        if let label { object.add("environment", label.name) }
        if let until = result.receipt?.temporaryUntil { object.add("temporary_until", until.rfc3339) }
        if let secret = result.newSecret { object.add(secretName, secret.revealedText()) }
        return object
    }

    static func person(_ account: Account) -> JSONObject {
        var object = JSONObject()
        object.add("id", account.idText)
        object.add("email", account.email)
        object.add("username", account.username)
        return object
    }

    static func addReceipt(of result: ChangeResult, to object: inout JSONObject) {
        object.add("event_id", result.receipt?.eventID.uuidString.lowercased())
        object.add("sequence", result.receipt?.sequence)
        object.add("request_id", result.requestID.uuidString.lowercased())
        object.add("replayed", result.receipt?.isReplayed ?? false)
        if !result.isReplicated { object.add("replicated", false) }
        object.add("approval", result.receipt?.approval)
    }

    static func approval(_ request: ApprovalRequest) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("id", request.id)
        object.add("state", request.state.rawValue)
        object.add("action", request.action)
        object.add("account_id", request.accountID.uuidString.lowercased())
        object.add("account_email", request.accountEmail)
        object.add("account_username", request.accountUsername)
        object.add("requested_at", request.requestedAt.rfc3339)
        object.add("requested_by", request.requestedBy)
        object.add("operator", request.operatorName)
        object.add("reason", request.reason)
        object.add("ticket", request.ticket)
        object.add("verified_by", request.verifiedBy)
        object.add("expires_at", request.expiresAt.rfc3339)
        object.add("decided_at", request.decidedAt?.rfc3339)
        object.add("decided_by", request.decidedBy)
        object.add("decision_reason", request.decisionReason)
        object.add("points", request.points)
        return object
    }

    /// A decision about a request for approval.
    static func decision(_ result: ApprovalQueue.Result, on request: ApprovalRequest) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("outcome", result.receipt.outcome.rawValue)
        if result.receipt.outcome != .done {
            object.add("rule", result.receipt.rule)
            object.add("message", RefusalHint.message(of: result))
        }
        object.add("approval", request.id)
        object.add("event_id", result.receipt.eventID.uuidString.lowercased())
        object.add("sequence", result.receipt.sequence)
        return object
    }

    /// What was found out about a caller.
    static func caller(_ result: CallerVerification.Result, _ state: CallerState?, of account: Account) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("outcome", result.receipt?.outcome.rawValue ?? "refused")
        if !result.isDone {
            object.add("rule", result.rule)
            object.add("message", RefusalHint.message(of: result))
        }
        object.add("account", person(account))
        object.add("points", state?.proof?.points ?? 0)
        object.add("points_needed", state?.needed)
        object.add("ways", state?.proof?.ways)
        object.add("proven_until", state?.proof?.until.rfc3339)
        object.add("event_id", result.receipt?.eventID.uuidString.lowercased())
        object.add("sequence", result.receipt?.sequence)
        return object
    }

    /// A change that did not come to an attempt.
    static func failure(_ error: any Error, requestID: UUID) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("outcome", ExitStatus(error) == .refused ? "refused" : "failed")
        object.add("rule", nil as String?)
        object.add("message", ErrorText.text(of: error))
        object.add("account", nil as String?)
        object.add("event_id", nil as String?)
        object.add("sequence", nil as Int?)
        object.add("request_id", requestID.uuidString.lowercased())
        object.add("replayed", false)
        object.add("approval", nil as Int?)
        return object
    }
}
