import ConvonetCore
public import ConvonetDatabase
public import Credentials
public import FoundationEssentials
import PostgresClient

extension SelfServiceDatabase {
    /// How the code of whoever is called so was hashed; nil where nobody of that name has one. The names are an address in any of
    /// its spellings, or a username.
    public func settingOfCode(of logins: [String]) async throws(AdminError) -> BcryptSetting? {
        try await database.rows(
            "SELECT convonet_admin.self_code_setting(\(logins))", for: .serveSelfService
        ) { try $0.optional(0, $0.text) }.first?.flatMap(BcryptSetting.init(parsing:))
    }

    /// Takes a code by what its hash comes to, and makes this the token of its link; nil where nobody of that name has a code.
    /// Throws `AdminError.outcomeUnknown` where it may be taken or not; it can be entered again.
    public func enterCode(
        _ proof: PasswordHash, of logins: [String], for token: ResetToken, from client: String, request: UUID
    ) async throws(AdminError) -> SelfServiceResult? {
        let (hash, claims) = (Parameter.bytea(token.hash), claims(client))
        return try await send(
            "self_enter_code(\(logins), \(proof.text), \(hash), \(request), \(claims))", request: request)
    }
}
