public import ConvonetDatabase
public import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// A link that somebody was sent, or is to be sent.
public struct ResetLink: Equatable, Sendable {
    /// How it came about.
    public enum Origin: String, Equatable, Sendable {
        /// Staff sent it.
        case staff = "operator"
        /// The person asked for it.
        case person = "self"
        /// It was sent because a temporary password had run out.
        case schedule
    }

    /// What it is for.
    public enum Purpose: String, Equatable, Sendable {
        /// The person sets a password by it.
        case password
        /// The person gets a voice PIN by it.
        case voicePIN = "voice_pin"
    }

    /// What became of it.
    public enum State: String, Equatable, Sendable {
        /// Its mail waits to be sent.
        case queued
        /// Its mail was sent, and it is good.
        case sent
        /// Its mail could not be sent, or not in time.
        case undelivered
        /// A password was set with it, or a PIN shown.
        case used
        /// A newer one took its place, as with earlier versions of the schema.
        case replaced
        /// Staff took it back.
        case revoked
        /// The password, or the PIN, was changed in another way since.
        case outdated
        /// Its time passed.
        case expired
    }

    /// Its id, which the log's `detail` names.
    public var id: UUID
    /// What it is for.
    public var purpose = Purpose.password
    /// Where its mail goes.
    public var address: String
    /// How it came about.
    public var origin: Origin
    /// The database user that made it.
    public var databaseUser: String
    /// When it was made.
    public var createdAt: Timestamp
    /// Until when it is good; nil as long as its mail waits.
    public var expiresAt: Timestamp?
    /// What became of it.
    public var state: State
    /// Since when.
    public var stateAt: Timestamp?
    /// Why its mail was not sent, or not yet.
    public var unsent: UnsentMail?
}

extension AccountEditor {
    /// The links of one account, newest first, at most 20.
    public func resetLinks(of account: Account) async throws(AdminError) -> [ResetLink] {
        try await database.rows(ResetLink.statement(account.id), for: .changeCredentials) { try ResetLink($0) }
    }
}

extension ResetLink {
    static func statement(_ account: UUID) -> Statement {
        """
        SELECT id, address, requested_by, db_user, created_at, expires_at, state, state_at, purpose, mail_error, mail_tries \
        FROM convonet_admin.reset_links(\(account))
        """
    }

    /// Reads a row of `statement`.
    init(_ row: Row) throws {
        guard let state = State(rawValue: try row.text(6)), let origin = Origin(rawValue: try row.text(2)),
            let purpose = Purpose(rawValue: try row.text(8))
        else {
            throw AdminError.database(.unexpectedResult("a link's state that this program does not know"))
        }
        let waits = state == .queued || state == .undelivered
        let (reason, tries) = (waits ? try row.optional(9, row.text) : nil, try row.optional(10, row.int))
        self.init(
            id: try row.uuid(0), purpose: purpose, address: try row.text(1), origin: origin,
            databaseUser: try row.text(3),
            createdAt: try row.timestamp(4),
            expiresAt: try row.optional(5, row.timestamp), state: state, stateAt: try row.optional(7, row.timestamp),
            unsent: UnsentMail(reason, tries, isOver: state == .undelivered))
    }
}
