internal import AccountPolicy
internal import ConvonetCore
import Credentials
internal import FoundationEssentials
internal import HTTPTypes
import JSONText
import SelfServiceCore

extension SelfServiceResponder {
    /// Sets a password with the old one, for somebody signed in to the application.
    ///
    /// `access` is the token; nil where there is none, or it is no good.
    func changePassword(
        _ fields: RequestFields, by access: AccessToken?, hasToken: Bool, _ client: String
    ) async throws -> Answer {
        guard hasToken else { return .error(.unauthorized, "Unauthorized: Token missing") }
        guard let access, let signedIn = try await signedIn(by: access)
        else { return .error(.unauthorized, "Unauthorized: Invalid token") }
        let account = access.account
        guard let text = fields["newPassword"] else { return .error(.badRequest, "New password is required") }
        guard let setting = signedIn.setting else { return try await refusal("external_sign_in", access) }
        if let seconds = signedIn.blockedSeconds { return Self.blocked(seconds) }
        guard let oldText = fields["oldPassword"] else { return .error(.badRequest, "Invalid old password") }
        let (old, password) = (Secret(copying: oldText), Secret(copying: text))
        let person = signedIn.person
        let rules: PolicyReading
        switch try await judge(password, for: person, by: try await self.rules.inForce(), .withOldPassword, client) {
        case .refused(let words): return .error(.badRequest, words)
        case .accepted(let reading): rules = reading
        }
        guard let proof = try await hashing.run({ BcryptHasher.proof(of: old, under: setting) }) else {
            return .error(.badRequest, "Invalid old password")
        }
        // Before the new one is hashed, which takes twice as long.
        if let fault = metrics.noting(
            try await database.faultOfOldPassword(proof, of: account, from: client, request: UUID()))
        {
            return try await refusal(fault.rule, access)
        }
        let storing = try await store(password, for: person, judgedBy: rules, .withOldPassword, client) {
            metrics.noting(
                try await database.changePassword(
                    of: account, proof: proof, to: $0, judgedBy: $1, from: client, request: $2))
        }
        switch storing {
        case .refused(let words): return .error(.badRequest, words)
        case .answered(nil): return .error(.unauthorized, "Unauthorized: Invalid token")
        case .answered(let result?):
            switch result.receipt.outcome {
            case .done: return Self.done(person, isConfirmed: result.isReplicated)
            case .refused: return try await refusal(result.rule, access)
            default: throw NotWritten(rule: result.rule)
            }
        }
    }

    private static func done(_ person: SelfServicePerson, isConfirmed: Bool) -> Answer {
        var user = JSONObject()
        user.add("id", person.id.uuidString.lowercased())
        user.add("email", person.email)
        user.add("username", person.username)
        user.add("first_name", person.firstName)
        user.add("last_name", person.lastName)
        var object = JSONObject()
        object.add(
            "message",
            "Password updated successfully" + (isConfirmed ? "" : ". \(Uncertain.unconfirmed(.changeWithOldPassword))"))
        object.add("user", user)
        // Who is signed in elsewhere stays so, unless the application asks: it cannot take back what it issued.
        object.add(
            "access_tokens",
            "Access tokens issued earlier are not accepted here any more. In the application they can stay valid until they expire."
        )
        if !isConfirmed { object.add("replicated", false) }
        return .json(isConfirmed ? .ok : .accepted, object)
    }

    private func signedIn(by access: AccessToken) async throws -> SignedInPerson? {
        try await database.signedInPerson(access.account, tokenIssuedAt: access.issuedAt)
    }

    private func refusal(_ rule: String?, _ access: AccessToken) async throws -> Answer {
        switch rule {
        case "old_password_wrong": return .error(.badRequest, "Invalid old password")
        // Others made it wait meanwhile; for how long, the database says.
        case "old_password_blocked":
            return Self.blocked(try await signedIn(by: access)?.blockedSeconds ?? 1)
        case "external_sign_in":
            return .error(.badRequest, "You sign in with SSO and have no password here to change.")
        case "account_inactive": return .error(.unauthorized, "Unauthorized: Invalid token")
        default: return .error(.internalServerError, "Internal server error")
        }
    }

    private static func blocked(_ seconds: Int) -> Answer {
        Answer.error(.tooManyRequests, "Too many wrong passwords. Try again later.").retry(after: seconds)
    }
}
