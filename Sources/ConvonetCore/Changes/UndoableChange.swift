public import ConvonetDatabase
import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// A reset that this operator could take back now.
public struct UndoableChange: Equatable, Sendable {
    /// The receipt number.
    public var receipt: Int
    /// What was done, as the log names it.
    public var action: String
    /// When.
    public var occurredAt: Timestamp
    /// Who did it.
    public var actor: ActorName
    /// Until when it can be taken back, if nothing else happens to the account.
    public var until: Timestamp

    /// A change.
    public init(receipt: Int, action: String, occurredAt: Timestamp, actor: ActorName, until: Timestamp) {
        self.receipt = receipt
        self.action = action
        self.occurredAt = occurredAt
        self.actor = actor
        self.until = until
    }
}

extension UndoableChange {
    /// SQL for the receipt that an undo took back, by the detail of its event; NULL for another.
    package static func receiptSQL(ofDetail detail: String) -> String {
        "substring(\(detail) FROM '^undoes=([0-9]{1,18})(?: |$)')::bigint"
    }

    /// Those of an account, newest first.
    static func statement(_ account: UUID, _ claims: Parameter) -> Statement {
        """
        SELECT sequence, action, occurred_at, db_user, operator, expires_at \
        FROM convonet_admin.undoable_changes(\(account), \(claims))
        """
    }

    /// Reads a row of `statement`.
    init(_ row: Row) throws {
        self.init(
            receipt: try row.int(0), action: try row.text(1), occurredAt: try row.timestamp(2),
            actor: ActorName(databaseUser: try row.text(3), claimedSystemUser: try row.optional(4, row.text)),
            until: try row.timestamp(5))
    }
}

extension AccountEditor {
    /// What this operator could take back of an account now, newest first.
    public func undoable(of account: Account) async throws(AdminError) -> [UndoableChange] {
        try await database.rows(
            UndoableChange.statement(account.id, claims.parameter(ChangeContext())), for: .changeCredentials
        ) { try UndoableChange($0) }
    }
}

extension AccountDirectory {
    /// The account that the change with a receipt was of. Throws `AdminError.receiptUnknown` where there is no such receipt.
    public func find(receipt: Int) async throws(AdminError) -> Account {
        let ids = try await database.rows(
            "SELECT account_of_receipt::text FROM convonet_admin.account_of_receipt(\(receipt)::bigint)",
            for: .changeCredentials
        ) { try $0.text(0) }
        guard let id = ids.first else { throw AdminError.receiptUnknown(receipt) }
        return try await find(id)
    }
}
