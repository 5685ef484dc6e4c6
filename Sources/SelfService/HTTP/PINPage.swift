internal import ConvonetCore
internal import Credentials
internal import FoundationEssentials
internal import HTTPTypes
import JSONText
import SelfServiceCore

extension SelfServiceResponder {
    private static let pinLinkIsNoGood =
        "This link is no longer valid: it was used, it expired, or the voice PIN has changed since. If it was not you who used it, "
        + "or you need a PIN, contact support."

    /// The page with the one button; to look at it does not use the link up, for programs that look through mail open every link.
    func pinPage(token: String?) async throws -> Answer {
        guard let token = token.flatMap(ResetToken.init(parsing:)), try await database.isPINLinkGood(token) else {
            metrics.note(.voicePIN)
            return .html(.unauthorized, page.notice(Self.pinLinkIsNoGood, title: page.pinTitle))
        }
        return .html(.ok, page.pinForm(token))
    }

    /// Somebody has a voice PIN drawn, and sees it once.
    func showPIN(_ fields: RequestFields, token: String?, _ client: String) async throws -> Answer {
        guard let token = token.flatMap(ResetToken.init(parsing:)),
            let result = metrics.noting(
                try await database.issuePIN(by: token, from: client, request: UUID()), .voicePIN)
        else { return sentence(.unauthorized, Self.pinLinkIsNoGood, page.pinTitle, fields.format) }
        switch (result.receipt.outcome, result.rule) {
        case (.done, _):
            guard let pin = result.voicePIN?.revealedText() else {
                return sentence(
                    .conflict, "A voice PIN was drawn, and it was lost on the way here. Ask support for another link.",
                    page.pinTitle, fields.format)
            }
            return Self.answer(pin, isReplicated: result.isReplicated, asPage: fields.format == .form ? page : nil)
        case (.refused, "account_inactive"?):
            return sentence(.conflict, Self.accountIsInactive, page.pinTitle, fields.format)
        case (.refused, "pin_answer_limit"?):
            return sentence(
                .tooManyRequests, "Too many voice PINs were drawn within the hour. Open the link again later.",
                page.pinTitle, fields.format
            ).retry(after: 600)
        case (.refused, let rule?) where rule.hasPrefix("link_"):
            return sentence(.unauthorized, Self.pinLinkIsNoGood, page.pinTitle, fields.format)
        default: throw NotWritten(rule: result.rule)
        }
    }

    private static func answer(_ pin: String, isReplicated: Bool, asPage page: ResetPage?) -> Answer {
        let caution =
            isReplicated
            ? nil
            : "A second server has not confirmed it yet: if it is not accepted later, ask support for another link."
        let status: HTTPResponse.Status = isReplicated ? .ok : .accepted
        if let page { return .html(status, page.pin(pin, caution: caution)) }
        var object = JSONObject()
        object.add("voice_pin", pin)
        if !isReplicated { object.add("replicated", false) }
        return .json(status, object)
    }
}
