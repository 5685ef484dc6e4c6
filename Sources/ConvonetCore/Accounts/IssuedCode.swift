public import ConvonetDatabase
public import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// A code that was read out, or was to be, by which somebody sets a password.
public struct IssuedCode: Equatable, Sendable {
    /// What became of it.
    public enum State: String, Equatable, Sendable {
        /// It is good, and was not entered yet.
        case issued
        /// It was entered, and no password is set yet.
        case entered
        /// A password was set with it.
        case used
        /// A newer one took its place.
        case replaced
        /// Staff took it back.
        case revoked
        /// The password, address or username changed since.
        case outdated
        /// Its time passed.
        case expired
        /// It was entered wrong too often.
        case exhausted

        /// Whether it can still be used.
        public var isOpen: Bool { self == .issued || self == .entered }
    }

    /// Its id, which the log's `detail` names as a link's.
    public var id: UUID
    /// The database user that issued it.
    public var databaseUser: String
    /// When it was issued.
    public var createdAt: Timestamp
    /// Until when it is good.
    public var expiresAt: Timestamp
    /// What became of it.
    public var state: State
    /// Since when; nil where nothing did.
    public var stateAt: Timestamp?
}

extension AccountEditor {
    /// The codes of one account, newest first, at most 20.
    public func resetCodes(of account: Account) async throws(AdminError) -> [IssuedCode] {
        try await database.rows(IssuedCode.statement(account.id), for: .changeCredentials) { try IssuedCode($0) }
    }
}

extension IssuedCode {
    static func statement(_ account: UUID) -> Statement {
        "SELECT id, db_user, created_at, expires_at, state, state_at FROM convonet_admin.reset_codes(\(account))"
    }

    /// Reads a row of `statement`.
    init(_ row: Row) throws {
        guard let state = State(rawValue: try row.text(4)) else {
            throw AdminError.database(.unexpectedResult("a code's state that this program does not know"))
        }
        self.init(
            id: try row.uuid(0), databaseUser: try row.text(1), createdAt: try row.timestamp(2),
            expiresAt: try row.timestamp(3), state: state, stateAt: try row.optional(5, row.timestamp))
    }
}
