import ConvonetCore
import ConvonetDatabase
public import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// What a mail to somebody who may decide says: that somebody asks for approval.
public struct ApproverMail: Equatable, Sendable {
    /// The log's name of what is to be done.
    public var action: String
    /// To whom.
    public var accountID: UUID
    /// Their address, which can be anything.
    public var accountEmail: String
    /// The database user who asks.
    public var requestedBy: String
    /// Who they are by what their program says.
    public var operatorName: String?
    /// Until when it can be decided.
    public var expiresAt: Timestamp
    /// How many requests of theirs wait, this one among them.
    public var waiting: Int
}

extension SelfServiceDatabase {
    /// What a mail that was taken says; nil where it is no longer ours to send.
    func approverMail(_ number: Int, attempt: Int) async throws -> ApproverMail? {
        try await database.rows(
            """
            SELECT action, account_id, account_email, requested_by, operator, expires_at, waiting \
            FROM convonet_admin.self_approver_mail(\(number), \(attempt)::integer)
            """, for: .serveSelfService
        ) { row in
            ApproverMail(
                action: try row.text(0), accountID: try row.uuid(1), accountEmail: try row.text(2),
                requestedBy: try row.text(3), operatorName: try row.optional(4, row.text),
                expiresAt: try row.timestamp(5), waiting: try row.int(6))
        }.first
    }
}
