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
    /// What became of the last mail; nil where there was none.
    public var lastMail: LastMail?

    /// The last mail to somebody.
    public struct LastMail: Equatable, Sendable {
        /// What became of it, as the queue has it: waiting, sending, sent, failed or void.
        public var state: String
        /// Since when.
        public var at: Timestamp
        /// Why it was not sent, or not yet; nil where nothing went wrong with it.
        public var unsent: UnsentMail?
    }

    /// No obstacles.
    public init() {}
}

extension AccountObstacles {
    static func statement(_ account: UUID) -> Statement {
        """
        SELECT frozen_at, frozen_by, note, wrong_passwords, blocked_until, links_asked, links_most, mail_state, mail_at, \
        mail_error, mail_tries FROM convonet_admin.account_obstacles(\(account))
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
        guard let state = try row.optional(7, row.text) else { return }
        let wasSent = state == "sent" || state == "void"
        let (reason, tries) = (wasSent ? nil : try row.optional(9, row.text), try row.optional(10, row.int))
        lastMail = LastMail(
            state: state, at: try row.timestamp(8), unsent: UnsentMail(reason, tries, isOver: state == "failed"))
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
