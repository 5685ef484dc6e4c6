internal import AccountPolicy
internal import ConvonetCore
import Credentials
import EmailAddresses
internal import FoundationEssentials
internal import HTTPTypes
import JSONText
import SelfServiceCore

/// How an attempt to set a password ended, before it is put into the words of either format.
enum ResetOutcome: Equatable, Sendable {
    case done
    /// It is set, and not every server has confirmed it that should.
    case doneUnconfirmed
    case refused(String)
    case tokenMissing
    case tokenInvalid
}

extension SelfServiceResponder {
    /// The same for everybody: whose address it is, is looked up after the answer.
    func forgotPassword(_ fields: RequestFields, _ client: String) async throws -> Answer {
        guard let text = fields["email"] else { return .message(.badRequest, "email is required") }
        guard text.utf8.count <= 1000, let address = EmailAddress(typed: text) else {
            return .message(.badRequest, "email must be an e-mail address")
        }
        guard address.isDeliverable else {
            return .message(.badRequest, "This e-mail address cannot receive mail. Ask support for a new password.")
        }
        try await database.requestLink(to: address, from: client)
        return .message(
            .ok, "If there is an account with this e-mail address, a link to set a new password is on its way.")
    }

    /// Sets a password by a link, from a program or from the page's form.
    func resetPassword(_ fields: RequestFields, token: String?, _ client: String) async throws -> Answer {
        let outcome = try await reset(fields, token: token, client)
        guard fields.format == .json else {
            return try await page(after: outcome, token: token.flatMap(ResetToken.init(parsing:)))
        }
        return switch outcome {
        case .done: .message(.ok, "Password reset successful")
        case .doneUnconfirmed: .unconfirmed("Password reset successful. \(Uncertain.unconfirmed(.resetByLink))")
        case .refused(let text): .message(.badRequest, text)
        case .tokenMissing: .error(.unauthorized, "Unauthorized: Token missing")
        case .tokenInvalid: .error(.unauthorized, "Unauthorized: Invalid token")
        }
    }

    private func reset(_ fields: RequestFields, token: String?, _ client: String) async throws -> ResetOutcome {
        guard let text = fields["password"] else { return .refused("password is required") }
        let password = Secret(copying: text)
        if fields.format == .form, fields["again"] != text {
            return .refused("The two entries do not match. Type both again.")
        }
        guard let token else { return .tokenMissing }
        guard let token = ResetToken(parsing: token), let holder = try await database.holder(of: token) else {
            metrics.note(.password)
            return .tokenInvalid
        }
        let rules: PolicyReading
        switch try await judge(password, for: holder.person, by: try await self.rules.inForce(), .byLink, client) {
        case .refused(let words): return .refused(words)
        case .accepted(let reading): rules = reading
        }
        let storing = try await store(password, for: holder.person, judgedBy: rules, .byLink, client) {
            metrics.noting(
                try await database.resetPassword(by: token, to: $0, judgedBy: $1, from: client, request: $2),
                .password)
        }
        return switch storing {
        case .refused(let words): .refused(words)
        case .answered(let result): try result.map(Self.outcome) ?? .tokenInvalid
        }
    }

    /// What the rules say of a password while it is typed, for whoever holds a link.
    func assessment(_ fields: RequestFields) async throws -> Answer {
        guard let token = fields["token"] else { return .error(.unauthorized, "Unauthorized: Token missing") }
        guard let token = ResetToken(parsing: token), let holder = try await database.holder(of: token) else {
            return .error(.unauthorized, "Unauthorized: Invalid token")
        }
        guard let text = fields["password"] else { return .message(.badRequest, "password is required") }
        let rules = try await rules.inForce()
        let assessment = rules.assess(Secret(copying: text), for: holder.person.passwordContext)
        let finding = assessment.refusal
        var object = JSONObject()
        object.add("score", assessment.score)
        object.add("accepted", finding == nil)
        object.add("message", finding.map { Self.words(for: $0, rules.policy) })
        return .json(.ok, object)
    }

    private static func outcome(_ result: SelfServiceResult) throws -> ResetOutcome {
        switch (result.receipt.outcome, result.rule) {
        case (.done, _): result.isReplicated ? .done : .doneUnconfirmed
        // Whatever makes a link void, it is no key any more.
        case (.refused, "account_inactive"?), (.refused, "link_used"?), (.refused, "link_void"?),
            (.refused, "link_outdated"?), (.refused, "link_expired"?):
            .tokenInvalid
        default: throw NotWritten(rule: result.rule)
        }
    }
}

/// The database did not write a change for a reason that the person can do nothing about.
struct NotWritten: Error {
    /// The log's rule.
    let rule: String?
}
