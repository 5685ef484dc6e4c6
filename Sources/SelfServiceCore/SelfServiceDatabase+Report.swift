import ConvonetCore
public import ConvonetDatabase
public import FoundationEssentials
import PostgresClient

extension SelfServiceDatabase {
    /// Takes the word of whoever got the mail with this token that they know nothing of what it tells: ends what could come of it, and
    /// freezes the account until a supervisor has looked into it. nil where no mail of the last week has the token, or it was
    /// used. Throws `AdminError.outcomeUnknown` where it may be taken or not; it can be sent again.
    public func report(_ token: ResetToken, from client: String, request: UUID) async throws(AdminError)
        -> SelfServiceResult?
    {
        let (hash, claims) = (Parameter.bytea(token.hash), claims(client))
        return try await send("self_report(\(hash), \(request), \(claims))", request: request)
    }
}
