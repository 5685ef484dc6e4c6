import ConvonetDatabase
internal import Logging
import SelfServiceCore

/// What the database says of the mail that waits, asked on a connection of its own, at most every few seconds, however often it is
/// asked for here.
actor MailQueueReading {
    private let database: SelfServiceDatabase
    private let remarks: OccasionalRemarks
    private let logger: Logger
    private var underWay: Task<MailQueueState?, Never>?
    private var last: (state: MailQueueState?, at: ContinuousClock.Instant)?

    /// For how long an answer stands, and that there was none.
    private static let keptFor = Duration.seconds(5)
    /// How long the database has, which is well within what Prometheus waits for a page.
    private static let limit = Duration.seconds(2)

    init(_ database: SelfServiceDatabase, _ remarks: OccasionalRemarks, _ logger: Logger) {
        (self.database, self.remarks, self.logger) = (database, remarks, logger)
    }

    /// What it said last, or says now; nil where it does not answer.
    func current() async -> MailQueueState? {
        if let last, ContinuousClock.now - last.at < Self.keptFor { return last.state }
        // A task of its own: whoever hangs up must not stop it for others.
        let task = underWay ?? Task { await read() }
        underWay = task
        let state = await task.value
        if underWay == task { (underWay, last) = (nil, (state, .now)) }
        return state
    }

    private func read() async -> MailQueueState? {
        do {
            return try await database.mailQueueState(within: Self.limit)
        } catch {
            if remarks.isTime(for: "metrics") {
                logger.error("metrics", metadata: ["reason": "\(error.description)"])
            }
            return nil
        }
    }
}
