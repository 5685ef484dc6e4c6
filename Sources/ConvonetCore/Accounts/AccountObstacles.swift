public import ConvonetDatabase
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

        /// The note with which a report freezes an account.
        package static let reportNote = "the person reported: that was not me"

        /// Whether the person reported that something was not them.
        public var isReported: Bool { note == Self.reportNote }

        /// By whom and why.
        public var words: String {
            isReported ? "the person reported that something was not them" : "by \(databaseUser): “\(note)”"
        }

        /// Why nothing is changed, and the next step.
        public var refusal: String {
            isReported
                ? "Frozen: \(words). A supervisor has to find out what happened, and unfreeze the account first."
                : "Frozen \(words). A supervisor has to unfreeze it first."
        }
    }

    /// The note; nil where there is none.
    public var freeze: Freeze?
    /// How many wrong old passwords hold up whoever sets another; nil where they do not.
    public var wrongPasswords: Int?
    /// Until when wrong old passwords block the person; nil where they do not.
    public var blockedUntil: Timestamp?
    /// How many links the person asked for within the hour.
    public var linksAsked = 0
    /// Of how many.
    public var linksMost = 5
    /// When the last mail was given up; nil where it was sent, waits, or is void.
    public var mailFailedAt: Timestamp?
    /// The mail program's reason.
    public var mailFailure: String?

    /// No obstacles.
    public init() {}
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
        self.init()
        if let at = try row.optional(0, row.timestamp) {
            freeze = Freeze(at: at, databaseUser: try row.text(1), note: try row.text(2))
        }
        wrongPasswords = try row.optional(3, row.int)
        blockedUntil = try row.optional(4, row.timestamp)
        (linksAsked, linksMost) = (try row.int(5), try row.int(6))
        guard try row.optional(7, row.text) == "failed" else { return }
        mailFailedAt = try row.timestamp(8)
        // What a mail program prints ends in a new line.
        mailFailure = try row.optional(9, row.text)?.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension AccountDirectory {
    /// What holds an account up; throws `.notPermitted` for whoever may only see accounts.
    public func obstacles(of account: Account) async throws(AdminError) -> AccountObstacles? {
        try await database.rows(AccountObstacles.statement(account.id), for: .changeCredentials) {
            try AccountObstacles($0)
        }.first
    }
}
