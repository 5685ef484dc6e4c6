public import ConvonetDatabase
public import OperatingSystem
package import PostgresClient

/// Whether mail that is queued will be sent.
public struct MailState: Equatable, Sendable {
    /// When a program that sends mail last asked for some; nil where none ever did.
    public var askedAt: Timestamp?
    /// Whether one does so now, by the server's clock.
    public var isAsking: Bool
    /// How many mails wait.
    public var waiting: Int
    /// How many of them could not be sent yet.
    public var failing = 0
    /// Why the newest of those could not.
    public var lastFailure: String?
    /// Whether so many wait that no more is queued.
    public var isFull = false
    /// Whether a program sends codes to telephones now.
    public var sendsTexts = false

    package static let statement: Statement =
        "SELECT asked_at, is_asking, waiting, failing, last_error, is_full, sends_texts FROM convonet_admin.mail_state()"

    /// Reads what `statement` gives, which is one row.
    package init(of rows: QueryResult) throws {
        guard let row = rows.first else { throw AdminError.database(.unexpectedResult("no row about mail")) }
        try self.init(row)
    }

    fileprivate init(_ row: Row) throws {
        self.init(
            askedAt: try row.optional(0, row.timestamp), isAsking: try row.bool(1), waiting: try row.int(2))
        failing = try row.int(3)
        lastFailure = UnsentMail.line(try row.optional(4, row.text))
        (isFull, sendsTexts) = (try row.bool(5), try row.bool(6))
    }

    /// A state with its fields.
    public init(askedAt: Timestamp?, isAsking: Bool, waiting: Int) {
        (self.askedAt, self.isAsking, self.waiting) = (askedAt, isAsking, waiting)
    }

    /// What to say where mail is queued that nobody sends; nil where somebody does.
    public var warning: String? {
        absence.map { "E-mail is not being sent: \($0)" }
            ?? (isFull ? "The mail queue is full: no more is queued. Have the mail program looked at." : nil)
    }

    /// What to say where a code was issued that nobody can enter; nil where it can be.
    public var codeWarning: String? { absence.map { "It cannot be entered yet: \($0)" } }

    private var absence: String? {
        if isAsking { return nil }
        let since = askedAt.map { "stopped at \($0.localText)" } ?? "has never run"
        return "convonet-self-service \(since). Have it started."
    }
}

/// A mail that was not sent: it is tried again, or was given up.
public struct UnsentMail: Equatable, Sendable {
    /// The mail program's reason; nil where it gave none.
    public var reason: String?
    /// How often it was tried.
    public var tries: Int
    /// Whether it was given up.
    public var isOver: Bool

    /// A mail; nil where nothing went wrong with it.
    init?(_ reason: String?, _ tries: Int?, isOver: Bool) {
        guard isOver || reason != nil else { return nil }
        (self.reason, self.tries, self.isOver) = (Self.line(reason), tries ?? 0, isOver)
    }

    /// What a mail program prints ends in a new line.
    static func line(_ reason: String?) -> String? {
        reason?.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// `not sent yet: exit 75, 3 tries`
    public var words: String {
        let times = tries == 0 ? "" : tries == 1 ? ", 1 try" : ", \(tries) tries"
        return "\(isOver ? "not sent" : "not sent yet"): \(reason ?? "no reason given")\(times)"
    }
}

extension AccountEditor {
    /// Whether mail that is queued will be sent.
    public func mailState() async throws(AdminError) -> MailState {
        let states = try await database.rows(MailState.statement, for: .changeCredentials) { try MailState($0) }
        guard let state = states.first else { throw .database(.unexpectedResult("no row about mail")) }
        return state
    }
}
