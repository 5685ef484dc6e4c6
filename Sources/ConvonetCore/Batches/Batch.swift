public import ConvonetDatabase
import FoundationEssentials
import PostgresClient

/// One change of many people, one after the other: who they are, what is found out about each before, and what became of each.
///
/// A value that knows nothing of how it is shown or carried out. Under its name each person is changed once, however often it
/// is run: each change has a request id that follows from the name and the account, and the database does one id once.
public struct Batch: Equatable, Sendable {
    /// What it is known by.
    public let name: String
    /// What is done to everybody.
    public let action: AccountChange.Action
    /// Why.
    public let context: ChangeContext
    /// The people, in order.
    public private(set) var rows: [Row]
    /// Why it went no further; nil where it did.
    public private(set) var ending: Ending?

    /// One person of it.
    public struct Row: Equatable, Sendable {
        /// Where they were named: a line of a file.
        public let line: Int
        /// The account as it was read; if it has changed when its turn comes, nothing is done.
        public let account: Account
        /// How it stands.
        public internal(set) var standing: Standing
        /// What was found out or done last.
        public internal(set) var result: ChangeResult
        /// What kept it from coming to an attempt, or from being known.
        public internal(set) var error: AdminError?
    }

    /// How it stands with one person.
    public enum Standing: String, Equatable, Sendable, CaseIterable {
        /// It was done by this run.
        case done
        /// It could be done.
        case wouldDo = "would do"
        /// It was done by an earlier run.
        case doneBefore = "done before"
        /// The account is so already.
        case nothingToDo = "nothing to do"
        /// A rule stands in the way.
        case refused
        /// The account changed meanwhile, or somebody else holds it.
        case conflict
        /// It could not be written, and nothing changed.
        case failed
        /// Nobody knows whether it was done.
        case unknown
        /// It has not come to this one.
        case notTried = "not tried"
    }

    /// Why it went no further.
    public enum Ending: Equatable, Sendable {
        /// A rule about whoever asks; whoever comes next would be refused as well. Of a limit: until it is over.
        case refused(isLimit: Bool, message: String)
        /// What ended all requests.
        case error(AdminError)
        /// What became of one is not known.
        case unknown
        /// Somebody stopped it.
        case stopped
    }

    /// A batch of nobody tried yet, named `name`, or by what is in it, for the database user who runs it.
    public init(
        _ people: [(line: Int, account: Account)], action: AccountChange.Action, context: ChangeContext,
        name: String? = nil, user: String
    ) {
        let name = name ?? BatchName.name(of: people.map(\.account.id), action, context)
        self.name = name
        self.action = action
        self.context = context
        rows = people.map { line, account in
            let request = BatchName.requestID(name, action: action.name, user: user, account: account.id)
            return Row(
                line: line, account: account, standing: .notTried,
                result: ChangeResult(outcome: .wouldDo, account: account, requestID: request))
        }
    }

    /// The places of those whose change would be carried out, or was before.
    public var accepted: [Int] { rows.indices.filter { [.wouldDo, .doneBefore].contains(rows[$0].standing) } }

    /// How many stand so.
    public func count(_ standing: Standing) -> Int { rows.count { $0.standing == standing } }

    /// How many stand how, in words; empty where there is nobody.
    public var counts: String {
        Standing.allCases.compactMap { standing in
            let count = count(standing)
            return count == 0 ? nil : "\(count) \(standing == .wouldDo ? "ready" : standing.rawValue)"
        }.joined(separator: ", ")
    }

    /// The change of one of them.
    func change(_ row: Row) -> AccountChange {
        AccountChange(account: row.account, action: action, context: context, requestID: row.result.requestID)
    }

    /// What was found out or done for the person at this place.
    public mutating func take(_ row: Row, at place: Int) {
        rows[place] = row
        if row.standing == .unknown {
            ending = .unknown
        } else if case .database(.server(let refusal)) = row.error, refusal.sqlState == .tooManyEvents {
            ending = .refused(isLimit: true, message: row.error?.description ?? "")
        } else if let error = row.error, row.standing == .failed {
            ending = .error(error)
        } else if let rule = row.result.rule, row.standing == .refused, Self.endingRules.contains(rule) {
            ending = .refused(isLimit: Self.limits.contains(rule), message: row.result.message ?? rule)
        }
    }

    /// Those that it did not come to, once it goes no further.
    public mutating func leaveRest() {
        for place in rows.indices where rows[place].standing == .wouldDo { rows[place].standing = .notTried }
    }

    /// It goes no further.
    public mutating func stop() { ending = ending ?? .stopped }

    /// Rules that hold until some time is over or somebody else did something.
    private static let limits: Set = ["operator_budget", "state_budget", "mail_queue_full"]
    /// Rules about whoever asks and how, and not about the account.
    private static let endingRules = limits.union([
        "reason_required", "ticket_required", "ticket_malformed", "verification_required",
    ])
    /// Rules by which there is nothing to do for somebody.
    private static let emptyRules: Set = ["already_so", "no_reset_link", "not_blocked", "not_frozen"]

    /// Whether a rule says that the account is so already.
    static func leavesNothingToDo(_ rule: String?, _ action: AccountAction) -> Bool {
        rule.map { emptyRules.contains($0) || $0 == "frozen" && action == .freeze } ?? false
    }
}
