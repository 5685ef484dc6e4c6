import PostgresClient
import Synchronization

/// The policy as it was read last, which everything of one session judges by.
final class RulesInForce: Sendable {
    /// One reading of the policy, with what is made of it.
    struct Reading: Sendable {
        var policy: Policy
        /// Which rules for passwords it has: what was judged by others is refused.
        var version: String
        var blocklist: Blocklist?
    }

    /// The version, then the policy.
    static let columns: Statement = "\(Statement(trusted: versionSQL)), \(Policy.columns)"
    static let statement: Statement = "SELECT \(columns) FROM convonet_admin.policy p"

    /// The version as SQL over the policy's row `p`: everything that a password is judged and hashed by.
    static let versionSQL = """
        left(encode(sha256(convert_to(ROW(p.minimum_length, p.minimum_score, p.require_uppercase, p.require_lowercase, \
        p.require_digit, p.require_symbol, p.allow_weak, p.context_words, p.bcrypt_cost, p.blocked_passwords)::text, \
        'UTF8')), 'hex'), 32)
        """

    private let reading: Mutex<Reading>

    var current: Reading { reading.withLock { $0 } }

    init(_ row: Row, from first: Int) throws {
        reading = Mutex(try Self.read(row, from: first))
    }

    /// Takes what was read anew, and says what it is.
    @discardableResult
    func take(_ row: Row) throws -> Policy {
        let new = try Self.read(row, from: 0)
        reading.withLock { $0 = new }
        return new.policy
    }

    private static func read(_ row: Row, from first: Int) throws -> Reading {
        let policy = try Policy(row, from: first + 1)
        var blocklist: Blocklist?
        if !policy.blockedPasswords.isEmpty {
            do {
                blocklist = try Blocklist(fileContents: Array(policy.blockedPasswords.joined(separator: "\n").utf8))
            } catch {
                throw AdminError.credential(error)
            }
        }
        return Reading(policy: policy, version: try row.text(first), blocklist: blocklist)
    }
}
