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

    package static let statement: Statement = "SELECT asked_at, is_asking, waiting FROM convonet_admin.mail_state()"

    /// Reads what `statement` gives, which is one row.
    package init(of rows: QueryResult) throws {
        guard let row = rows.first else { throw AdminError.database(.unexpectedResult("no row about mail")) }
        try self.init(row)
    }

    fileprivate init(_ row: Row) throws {
        self.init(
            askedAt: try row.optional(0, row.timestamp), isAsking: try row.bool(1), waiting: try row.int(2))
    }

    /// A state with its fields.
    public init(askedAt: Timestamp?, isAsking: Bool, waiting: Int) {
        (self.askedAt, self.isAsking, self.waiting) = (askedAt, isAsking, waiting)
    }

    /// What to say where mail is queued that nobody sends; nil where somebody does.
    public var warning: String? { absence.map { "E-mail is not being sent: \($0)" } }

    /// What to say where a code was issued that nobody can enter; nil where it can be.
    public var codeWarning: String? { absence.map { "It cannot be entered yet: \($0)" } }

    private var absence: String? {
        if isAsking { return nil }
        let since = askedAt.map { "stopped at \($0.localText)" } ?? "has never run"
        return "convonet-self-service \(since). Start it."
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
