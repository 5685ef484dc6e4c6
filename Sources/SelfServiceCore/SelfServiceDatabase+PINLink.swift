import ConvonetCore
public import ConvonetDatabase
public import Credentials
public import FoundationEssentials
import PostgresClient

extension SelfServiceDatabase {
    /// Whether a link to a voice PIN is good; to look does not use it up.
    public func isPINLinkGood(_ token: ResetToken) async throws(AdminError) -> Bool {
        let hash = Parameter.bytea(token.hash)
        return try await database.rows(
            "SELECT convonet_admin.self_pin_link_is_good(\(hash))", for: .serveSelfService
        ) { try $0.bool(0) }.first ?? false
    }

    /// Gives whoever holds the link a voice PIN, which uses the link up; nil where there is no such link. Throws
    /// `AdminError.outcomeUnknown` where it may be given or not.
    public func issuePIN(by token: ResetToken, from client: String, request: UUID) async throws(AdminError)
        -> SelfServiceResult?
    {
        let (hash, claims) = (Parameter.bytea(token.hash), claims(client))
        return try await send("self_issue_pin(\(hash), \(request), \(claims))", request: request)
    }
}

extension SelfServiceResult {
    /// The voice PIN that was drawn; nil where none was, and where the first answer was lost, for it is given once.
    public var voicePIN: Secret? { receipt.voicePIN }
}
