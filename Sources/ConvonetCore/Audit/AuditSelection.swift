public import FoundationEssentials
public import OperatingSystem
package import PostgresClient
import SearchText

/// Which events of the log are wanted; all that is set must hold.
public struct AuditSelection: Equatable, Sendable {
    /// Whose account was concerned.
    public var account: Subject?
    /// The system user claimed, or the database user.
    public var operatorName: String?
    /// What was tried, such as `reset_password`.
    public var action: String?
    /// How it ended, such as `refused`.
    public var outcome: String?
    /// From this moment on, it included.
    public var since: Timestamp?
    /// Up to this moment, it not included.
    public var until: Timestamp?
    /// The ticket, exactly.
    public var ticket: String?
    /// Only changes that were made on somebody's word: the caller had not proven who they are.
    public var isUnproven: Bool
    /// What was typed: words that must all be in the account's e-mail address or username as they were then, in ticket, reason,
    /// the operator's names, or be the receipt's number; any case, and without regard to accents.
    public var text: String

    /// An account, which may be gone from the application's table; its events are not.
    public enum Subject: Equatable, Sendable {
        /// By its id.
        case id(UUID)
        /// By the e-mail address or username that the log holds, in any case.
        case name(String)

        /// An account as somebody types it.
        public init(named text: String) { self = UUID(uuidString: text).map { .id($0) } ?? .name(text) }
    }

    /// A selection; of everything, unless told.
    public init(
        account: Subject? = nil, operatorName: String? = nil, action: String? = nil, outcome: String? = nil,
        since: Timestamp? = nil, until: Timestamp? = nil, ticket: String? = nil, isUnproven: Bool = false,
        text: String = ""
    ) {
        self.account = account
        self.operatorName = operatorName
        self.action = action
        self.outcome = outcome
        self.since = since
        self.until = until
        self.ticket = ticket
        self.isUnproven = isUnproven
        self.text = text
    }

    /// Whether every event is wanted.
    public var isEverything: Bool { words.isEmpty && self == AuditSelection(text: text) }

    /// The words of the text.
    public var words: [String] { SearchWord.all(in: text) }

    /// Conditions on the table; always at least one.
    package var conditions: Statement {
        var all: Statement = "true"
        switch account {
        case .id(let id): all = "\(all) AND account_id = \(id)"
        case .name(let name): all = "\(all) AND lower(\(name)) IN (lower(account_email), lower(account_username))"
        case nil: break
        }
        if let operatorName { all = "\(all) AND \(operatorName) IN (operator, db_user)" }
        if let action { all = "\(all) AND action = \(action)" }
        if let outcome { all = "\(all) AND outcome = \(outcome)" }
        if let since { all = "\(all) AND occurred_at >= \(since)" }
        if let until { all = "\(all) AND occurred_at < \(until)" }
        if let ticket { all = "\(all) AND ticket = \(ticket)" }
        if isUnproven {
            let names = AccountAction.all.filter(\.needsProof).map(\.name)
            all = """
                \(all) AND actor_kind = 'operator' AND outcome = 'done' AND action = ANY (\(names)) \
                AND coalesce(detail, '') !~ '(^| )caller=proven( |$)'
                """
        }
        if !words.isEmpty { all = "\(all) AND \(AuditSearch(words: words).condition)" }
        return all
    }
}
