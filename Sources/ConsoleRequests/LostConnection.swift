package import ConvonetDatabase
package import OperatingSystem
import PostgresClient
package import TerminalKit

/// The state of having lost the database: since when, and when it is tried again.
package struct LostConnection: Equatable, Sendable {
    package let since: Timestamp
    /// What is wrong, where the database answers again but not with what was asked for.
    package private(set) var reason: String?
    package private(set) var attempts = 0
    /// By the clock of `Shared.uptime`.
    package private(set) var nextTry: Int

    /// Seconds between tries: 1, 2, 4 and so on to half a minute.
    package static func pause(after attempts: Int) -> Int { min(30, 1 << min(attempts, 5)) }

    package init(since: Timestamp, uptime: Int) {
        self.since = since
        nextTry = uptime + Self.pause(after: 0) * 1000
    }

    /// A try begins. Whatever comes of it, and if nothing does, the next one is not now.
    package mutating func begin(uptime: Int) {
        attempts += 1
        wait(uptime: uptime)
    }

    /// A try has failed; the pause counts from then.
    package mutating func fail(_ error: AdminError, uptime: Int) {
        reason = error.isLostConnection ? nil : error.description
        wait(uptime: uptime)
    }

    private mutating func wait(uptime: Int) {
        nextTry = uptime + Self.pause(after: attempts) * 1000
    }

    package func text(_ times: Times) -> String {
        let time = times.second(since).dropFirst(11)
        if let reason { return "NOT UPDATED since \(time). \(reason) Trying again; F5 tries now." }
        return "NO CONNECTION since \(time). You see what was loaded before. Reconnecting; F5 tries now."
    }
}

extension AdminError {
    /// Whether the database cannot be reached just now.
    package var isLostConnection: Bool {
        switch self {
        case .database(.connectionLost(_, let ending)): ending?.isLasting != true
        case .database(.cannotConnect): true
        default: false
        }
    }
}
