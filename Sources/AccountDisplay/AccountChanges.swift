package import ConvonetCore
package import OperatingSystem
import TerminalKit

/// What became different between two readings of one account.
package enum AccountChanges {
    /// An old reading without a version is one's own change of a moment ago.
    package static func between(_ old: Account, _ new: Account, now: Timestamp) -> [String] {
        guard old.version != new.version else { return [] }
        var changes = old.differences(from: new).map { "\($0.name): was \($0.before), is \($0.after)" }
        if let login = new.lastLoginAt, login != old.lastLoginAt {
            changes.append("signed in \(Age.ago(login, now: now))")
        }
        let isOwn = old.version.isEmpty && old.updatedAt == new.updatedAt
        if changes.isEmpty, !isOwn { changes.append("was changed \(Age.ago(new.updatedAt, now: now))") }
        return changes
    }
}
