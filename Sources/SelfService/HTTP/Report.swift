internal import ConvonetCore
internal import FoundationEssentials
internal import HTTPTypes
import SelfServiceCore

extension SelfServiceResponder {
    private static let title = "That was not me"
    private static let reportIsNoGood =
        "This link was used already, or is older than a week. Nothing was changed now. If you fear for your account, call support."

    /// The page with the one button; to look at it does nothing, for programs that look through mail open every link.
    func reportPage(token: String?) -> Answer {
        guard let token = token.flatMap(ResetToken.init(parsing:)) else {
            return .html(.unauthorized, page.notice(Self.reportIsNoGood, title: Self.title))
        }
        return .html(.ok, page.reportForm(token))
    }

    /// Somebody says that they know nothing of what a mail told them.
    func report(_ fields: RequestFields, _ client: String) async throws -> Answer {
        guard let token = fields["token"].flatMap(ResetToken.init(parsing:)),
            let result = metrics.noting(
                try await database.report(token, from: client, request: UUID()), .report)
        else { return sentence(.unauthorized, Self.reportIsNoGood, Self.title, fields.format) }
        switch (result.receipt.outcome, result.rule) {
        case (.done, _):
            let text = """
                Thank you. Links and codes that were sent are void, and support changes nothing of your account until a supervisor has \
                looked into it. The password or voice PIN that this mail told of stops working, if it was still in use: ask for a link \
                to set a new password where you sign in. If it still works in a few minutes, press the button again, or call \
                support. \(StandingSessions.note)
                """
            return sentence(.ok, text, Self.title, fields.format)
        default: throw NotWritten(rule: result.rule)
        }
    }
}
