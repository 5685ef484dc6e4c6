import ConvonetCore
import FoundationEssentials
import PostgresClient

/// The JSON that scripts rely on; see the README.
enum JSONForms {
    /// The number of this form.
    static let format = 1

    static func account(_ account: Account) -> JSONObject {
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
        object.add("created_at", account.createdAt.rfc3339)
        object.add("updated_at", account.updatedAt.rfc3339)
        object.add("last_login_at", account.lastLoginAt?.rfc3339)
        return object
    }

    static func result(_ result: CredentialResult, secretName: String) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("outcome", result.outcome.rawValue)
        if result.outcome != .done, result.outcome != .wouldDo {
            object.add("rule", result.rule)
            object.add("message", result.message)
        }
        var account = JSONObject()
        account.add("id", result.account.idText)
        account.add("email", result.account.email)
        account.add("username", result.account.username)
        object.add("account", account)
        object.add("event_id", result.receipt?.eventID.uuidString.lowercased())
        object.add("sequence", result.receipt?.sequence)
        object.add("request_id", result.requestID.uuidString.lowercased())
        object.add("replayed", result.receipt?.isReplayed ?? false)
        if let secret = result.newSecret { object.add(secretName, secret.revealedText()) }
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
        return object
    }

    static func event(_ event: AuditEvent) -> JSONObject {
        var object = JSONObject()
        object.add("format", event.format)
        object.add("sequence", event.sequence)
        object.add("event_id", event.eventID.uuidString.lowercased())
        object.add("request_id", event.requestID?.uuidString.lowercased())
        object.add("occurred_at", event.occurredAt.rfc3339)
        object.add("actor_kind", event.actorKind)
        object.add("action", event.action)
        object.add("outcome", event.outcome)
        object.add("rule", event.rule)
        object.add("account_id", event.accountID?.uuidString.lowercased())
        object.add("account_email", event.accountEmail)
        object.add("account_username", event.accountUsername)
        object.add("operator", event.operatorName)
        object.add("db_user", event.dbUser)
        object.add("uid", event.uid)
        object.add("login_uid", event.loginUID)
        object.add("host", event.host)
        object.add("tty", event.tty)
        object.add("ssh_origin", event.sshOrigin)
        object.add("client_address", event.clientAddress)
        object.add("reason", event.reason)
        object.add("ticket", event.ticket)
        object.add("verified_by", event.verifiedBy)
        object.add("application", event.application)
        object.add("detail", event.detail)
        object.add("previous_hash", event.previousHash.hexadecimal)
        object.add("hash", event.hash.hexadecimal)
        return object
    }

    static func verification(_ found: AuditLog.Verification) -> JSONObject {
        var object = JSONObject()
        object.add("format", format)
        object.add("ok", found.problem == nil)
        object.add("events", found.events)
        object.add("head", found.head.hexadecimal)
        if let problem = found.problem {
            object.add("first_bad_sequence", problem.sequence)
            object.add("problem", problem.text)
        }
        return object
    }
}
