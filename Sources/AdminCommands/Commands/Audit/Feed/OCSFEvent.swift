import ConvonetCore
internal import JSONText
import OperatingSystem

/// An event in the Open Cybersecurity Schema Framework (schema.ocsf.io, 1.8.0): Account Change (3001) where an account is concerned,
/// and Entity Management (3004) where none is, as when the policy changes.
///
/// What the database saw is in the framework's own fields. What was claimed, and what it has no field for, is in `unmapped`.
enum OCSFEvent {
    static let version = "1.8.0"

    static func object(_ event: AuditEvent, of log: LogIdentity) -> JSONObject {
        let isOfAccount = event.accountID != nil
        let words = ActionName.words(event.action)
        let classID = isOfAccount ? 3001 : 3004
        let (activity, caption) = isOfAccount ? accountActivity(event) : entityActivity(event)
        var object = JSONObject()
        object.add("activity_id", activity)
        object.add("activity_name", caption ?? words)
        object.add("category_uid", 3)
        object.add("class_uid", classID)
        object.add("type_uid", classID * 100 + activity)
        object.add("time", Int(event.occurredAt.microseconds / 1000))
        object.add("severity_id", severity(event))
        object.add("status_id", event.outcome == "done" ? 1 : 2)
        object.add("status", event.outcome == "done" ? "Success" : "Failure")
        if let rule = event.rule { object.add("status_code", rule) }
        object.add("status_detail", event.outcome)
        object.add("message", "\(words): \(event.outcome)" + (event.accountEmail.map { ", \($0)" } ?? ""))
        object.add("metadata", metadata(event, log))
        object.add("actor", actor(event))
        if let address = event.clientAddress {
            var endpoint = JSONObject()
            endpoint.add("ip", address)
            object.add("src_endpoint", endpoint)
        }
        object.add(isOfAccount ? "user" : "entity", isOfAccount ? user(event) : entity(event))
        object.add("unmapped", unmapped(event))
        return object
    }

    /// The activities of Account Change with their captions; 99 for what it does not know, for which our own words stand.
    private static func accountActivity(_ event: AuditEvent) -> (id: Int, caption: String?) {
        switch event.action {
        case "activate": (2, "Enable")
        case "change_password": (3, "Password Change")
        case "reset_password": (4, "Password Reset")
        case "deactivate": (5, "Disable")
        case "direct_delete": (6, "Delete")
        case "freeze": (9, "Lock")
        case "unfreeze", "unblock": (12, "Unlock")
        default: (99, nil)
        }
    }

    /// The same of Entity Management.
    private static func entityActivity(_ event: AuditEvent) -> (id: Int, caption: String?) {
        switch event.action {
        case "set_policy", "direct_change": (3, "Update")
        case "direct_delete": (4, "Delete")
        default: (99, nil)
        }
    }

    /// Informational, low (refused), medium (failed, or past the functions), high (somebody says that it was not them).
    private static func severity(_ event: AuditEvent) -> Int {
        switch (event.action, event.outcome) {
        case ("report_not_me", _): 4
        case ("direct_change", _), ("direct_delete", _), (_, "failed"): 3
        case (_, "done"): 1
        default: 2
        }
    }

    private static func metadata(_ event: AuditEvent, _ log: LogIdentity) -> JSONObject {
        var product = JSONObject()
        product.add("name", Program.name)
        product.add("version", Program.version)
        var object = JSONObject()
        object.add("version", version)
        object.add("product", product)
        object.add("uid", event.eventID.lowercaseText)
        object.add("sequence", event.sequence)
        object.add("log_name", log.database)
        object.add("event_code", event.action)
        if let request = event.requestID { object.add("correlation_uid", request.lowercaseText) }
        return object
    }

    /// The database user, whom the server let in, and the program that it says it is.
    private static func actor(_ event: AuditEvent) -> JSONObject {
        var user = JSONObject()
        user.add("name", event.dbUser)
        var object = JSONObject()
        object.add("user", user)
        if let application = event.application { object.add("app_name", application) }
        return object
    }

    private static func user(_ event: AuditEvent) -> JSONObject {
        var object = JSONObject()
        if let id = event.accountID { object.add("uid", id.lowercaseText) }
        if let name = event.accountUsername { object.add("name", name) }
        if let address = event.accountEmail { object.add("email_addr", address) }
        return object
    }

    private static func entity(_ event: AuditEvent) -> JSONObject {
        var object = JSONObject()
        let name =
            switch event.action {
            case "set_policy": "policy"
            // As by TRUNCATE, which names nobody.
            case "direct_change", "direct_delete": "users' table"
            default: "audit log"
            }
        object.add("name", name)
        return object
    }

    private static func unmapped(_ event: AuditEvent) -> JSONObject {
        var object = JSONObject()
        object.add("actor_kind", event.actorKind)
        let texts = [
            ("operator", event.operatorName), ("host", event.host), ("tty", event.tty), ("ssh_origin", event.sshOrigin),
            ("reason", event.reason), ("ticket", event.ticket), ("verified_by", event.verifiedBy),
            ("detail", event.detail),
        ]
        for (name, number) in [("uid", event.uid), ("login_uid", event.loginUID)] {
            if let number { object.add(name, number) }
        }
        for (name, text) in texts { if let text { object.add(name, text) } }
        object.add("previous_hash", event.previousHash.hexadecimal)
        object.add("hash", event.hash.hexadecimal)
        return object
    }
}
