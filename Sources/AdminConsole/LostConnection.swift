import ConvonetCore
import PostgresClient
import TerminalKit

/// The state of having lost the database: since when, and when it is tried again.
struct LostConnection: Equatable, Sendable {
    var since: Timestamp
    var attempts: Int
    var nextTry: Timestamp

    /// Seconds between tries: 1, 2, 4 and so on to half a minute.
    static func pause(after attempts: Int) -> Int { min(30, 1 << min(attempts, 5)) }

    init(since: Timestamp, attempts: Int, now: Timestamp) {
        self.since = since
        self.attempts = attempts
        nextTry = Timestamp(microseconds: now.microseconds + Int64(Self.pause(after: attempts)) * 1_000_000)
    }

    var text: String {
        "NO CONNECTION since \(since.localText.suffix(8)). What is shown is from before; it is being tried again. r tries now."
    }
}

extension AdminError {
    /// Whether the database cannot be reached just now.
    var isLostConnection: Bool {
        switch self {
        case .database(.connectionLost), .database(.cannotConnect): true
        default: false
        }
    }
}

extension Console {
    /// Remembers that the database is gone, or that it is there again.
    mutating func noteConnection(_ error: AdminError?) {
        guard let error else {
            if lost != nil { say("Connected again.", .good) }
            lost = nil
            return
        }
        guard error.isLostConnection else { return }
        lost = LostConnection(since: lost?.since ?? now, attempts: (lost?.attempts ?? -1) + 1, now: now)
    }

    /// Tries again when it is time.
    mutating func reconnectIfDue() -> [Effect] {
        guard let lost, now >= lost.nextTry, list.window.fetch == nil else { return [] }
        return refreshList()
    }
}
