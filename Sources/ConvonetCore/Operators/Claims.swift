import Credentials
import JSONText
import PostgresClient

/// What the program claims about who asks, as the database's functions take it.
struct Claims: Sendable {
    var identity: Operator
    /// Name and version of the program.
    var application: String

    /// `policy` is the version of the policy that the program judged by, where the database cannot judge itself.
    func parameter(
        _ context: ChangeContext, method: String? = nil, weak: [PasswordRule] = [], policy: String? = nil
    ) -> Parameter {
        var object = JSONObject()
        object.add("operator", identity.name)
        object.add("uid", identity.uid)
        object.add("login_uid", identity.loginUID)
        object.add("host", identity.host)
        object.add("tty", identity.tty)
        object.add("ssh_origin", identity.sshOrigin)
        object.add("application", application)
        object.add("reason", context.reason)
        object.add("ticket", context.ticket)
        object.add("verified_by", context.verifiedBy)
        object.add("local_password", context.wantsLocalPassword)
        object.add("method", method)
        object.add("weak", weak.isEmpty ? nil : weak.map(\.rawValue).joined(separator: ","))
        object.add("policy", policy)
        return .jsonb(object.text)
    }
}

/// Why a change is made, as the operator says.
public struct ChangeContext: Equatable, Sendable {
    /// Why.
    public var reason: String?
    /// The ticket.
    public var ticket: String?
    /// How the caller was verified: one of the policy's methods.
    public var verifiedBy: String?
    /// Whether a local password is wanted for somebody who signs in elsewhere.
    public var wantsLocalPassword: Bool

    /// A context; nothing said unless told. Empty text counts as nothing.
    public init(
        reason: String? = nil, ticket: String? = nil, verifiedBy: String? = nil, wantsLocalPassword: Bool = false
    ) {
        self.reason = reason.flatMap { $0.isEmpty ? nil : $0 }
        self.ticket = ticket.flatMap { $0.isEmpty ? nil : $0 }
        self.verifiedBy = verifiedBy.flatMap { $0.isEmpty ? nil : $0 }
        self.wantsLocalPassword = wantsLocalPassword
    }
}
