import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// What holds up a caller, or whoever wants to help them.
public struct AccountObstacles: Equatable, Sendable {
    /// A note that stops every change.
    public struct Freeze: Equatable, Sendable {
        /// Since when.
        public var at: Timestamp
        /// Whose it is.
        public var databaseUser: String
        /// Why.
        public var note: String

        /// A note.
        public init(at: Timestamp, databaseUser: String, note: String) {
            (self.at, self.databaseUser, self.note) = (at, databaseUser, note)
        }
    }

    /// The note; nil where there is none.
    public var freeze: Freeze?
    /// How many wrong old passwords hold up whoever sets another, and until when; nil where they do not.
    public var block: (wrong: Int, until: Timestamp)?
    /// How many links the person asked for within the hour, of how many.
    public var links: (asked: Int, most: Int)
    /// The last mail that could not be sent, and the mail program's reason; nil where the last one was sent, waits, or is void.
    public var failedMail: (at: Timestamp, reason: String?)?

    /// Obstacles; none unless told.
    public init(
        freeze: Freeze? = nil, block: (wrong: Int, until: Timestamp)? = nil, links: (asked: Int, most: Int) = (0, 5)
    ) {
        (self.freeze, self.block, self.links) = (freeze, block, links)
    }

    /// Whether two are the same.
    public static func == (one: AccountObstacles, other: AccountObstacles) -> Bool {
        one.freeze == other.freeze && one.block?.wrong == other.block?.wrong && one.block?.until == other.block?.until
            && one.links == other.links && one.failedMail?.at == other.failedMail?.at
            && one.failedMail?.reason == other.failedMail?.reason
    }
}

extension AccountObstacles {
    static func statement(_ account: UUID) -> Statement {
        """
        SELECT frozen_at, frozen_by, note, wrong_passwords, blocked_until, links_asked, links_most, mail_state, mail_at, \
        mail_error FROM convonet_admin.account_obstacles(\(account))
        """
    }

    /// Reads a row of `statement`.
    init(_ row: Row) throws {
        self.init(links: (try row.int(5), try row.int(6)))
        if let at = try row.optional(0, row.timestamp) {
            freeze = Freeze(at: at, databaseUser: try row.text(1), note: try row.text(2))
        }
        if let until = try row.optional(4, row.timestamp) { block = (try row.int(3), until) }
        if try row.optional(7, row.text) == "failed" {
            failedMail = (try row.timestamp(8), try row.optional(9, row.text))
        }
    }
}
