import AuditVerification
import Credentials
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

extension TestDatabase {
    /// Asks for a code and takes its mail: the key, and what the caller reads back.
    func sentCode(to person: Account, by session: AdminSession) async throws -> (key: CallerKey, digits: String) {
        let key = CallerKey()
        let sent = try await session.callers.sendCode(to: person, key: key)
        try #require(sent.isDone, "\(sent.rule ?? "")")
        return (key, try await mailedCode())
    }

    /// The code in the mail that is due next.
    func mailedCode() async throws -> String {
        let desk = try selfService()
        let mail = try #require(try await desk.nextMail())
        guard case .callerCode(let code, _) = mail.content else {
            Issue.record("another mail")
            return ""
        }
        try await desk.end(mail, as: .sent)
        return code.digits
    }

    /// A caller who has proven who they are.
    func prove(_ person: Account, to session: AdminSession) async throws {
        let (key, digits) = try await sentCode(to: person, by: session)
        try #require(try await session.callers.verify(person, code: digits, key: key).isDone)
    }

    /// A call of `verify_caller` as psql sends it, with something that no code is.
    static func wrongCode(_ account: Account) -> String {
        "SELECT outcome || coalesce(':' || rule, '') FROM convonet_admin.verify_caller('\(account.idText)', '\\x00', gen_random_uuid(), '{}');\n"
    }

    /// A call of `send_caller_code` as psql sends it.
    static func newCode(_ account: Account, request: String = "gen_random_uuid()") -> String {
        "SELECT outcome || coalesce(':' || rule, '') FROM convonet_admin.send_caller_code('\(account.idText)', sha256('k'), \(request), '{}');\n"
    }
}
