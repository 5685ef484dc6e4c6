import AccountPolicy
import AuditStatistics
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import OperatingSystem
import PostgresClient
import TerminalKit

@testable import AdminConsole
@testable import ConsoleParts

/// The accounts that a console under test finds, and how its changes end.
struct FakeWorld {
    var accounts: [Account] { didSet { accounts.sort { $0.email < $1.email } } }
    var history: [HistoryEntry] = []
    var teams: [TeamMembership] = []
    var links: [ResetLink] = []
    var codes: [IssuedCode] = []
    /// What a caller has proven, and the code that was sent.
    var caller = CallerState(needed: 0)
    /// Whether everybody has another address than the console shows.
    var addressHasChanged = false
    /// What holds the caller up.
    var obstacles = AccountObstacles()
    var temporaryPassword: TemporaryPassword?
    /// Until when what is given works, by the receipt.
    var temporaryUntil: Timestamp?
    /// What can be taken back.
    var undoable: [UndoableChange] = []
    var mailState = MailState(askedAt: nil, isAsking: true, waiting: 0)
    var ownChanges: [RecentChange] = []
    /// Newest first.
    var events: [AuditEvent] = []
    /// What counting its events comes to.
    var tallies: [AuditGrouping: [AuditTally]] = [:]
    /// What verifying the log comes to.
    var verification = AuditLog.Verification.example
    /// Whose changes need a second person.
    var protected: Set<UUID> = []
    /// Newest first.
    var approvals: [ApprovalRequest] = []
    /// Who is like whatever nobody has.
    var alike: Set<UUID> = []
    /// How many people said that something was not them.
    var reports = 0
    /// How the changes to come end, in order; one that is not foreseen fails the test.
    var endings: [Result<Ending, AdminError>] = []
    /// The policy, where it is another than at the console's start.
    var policy: Policy?
    /// Whether only a standby answers.
    var isOnStandby = false
    /// What reading fails with, while it does.
    var failure: AdminError?
    /// What reading somebody's links and teams alone fails with.
    var partialFailure: AdminError?

    enum Ending: Equatable {
        case done(secret: String?)
        case unreplicated(secret: String?)
        case refused(String, rule: String)
        case conflict
        case unknown
        case failed
    }

    static let now = Timestamp(microseconds: 1_790_000_000_000_000)

    static func moment(daysAgo: Int) -> Timestamp {
        Timestamp(microseconds: now.microseconds - Int64(daysAgo) * 86_400_000_000)
    }

    static func account(
        _ number: Int, email: String, username: String? = nil, first: String, last: String,
        change: (inout Account) -> Void = { _ in }
    ) -> Account {
        var account = Account(
            id: id(number), email: email, username: username ?? String(email.prefix { $0 != "@" }), firstName: first,
            lastName: last, hasVoicePIN: number % 2 == 1, createdAt: moment(daysAgo: 400 + number),
            updatedAt: moment(daysAgo: 30), lastLoginAt: moment(daysAgo: 3), version: "7\(number)")
        change(&account)
        return account
    }

    static func id(_ number: Int) -> UUID {
        func byte(_ shift: Int) -> UInt8 { UInt8(truncatingIfNeeded: number >> shift) }
        return UUID(uuid: (0x5B, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, byte(24), byte(16), byte(8), byte(0)))
    }

    /// A few people of every kind.
    static let few = FakeWorld(accounts: [
        account(1, email: "anna.berg@example.org", first: "Anna", last: "Berg"),
        account(2, email: "bob.stone@example.org", first: "Bob", last: "Stone") { $0.isActive = false },
        account(3, email: "chen.li@example.org", first: "丽", last: "陈"),
        account(4, email: "dora.sso@example.org", first: "Dora", last: "Elsewhere") {
            $0.signIn = .external
            $0.externalMarker = "FRONTEGG_SSO_USER"
        },
        account(5, email: "emil.new@example.org", first: "Emil", last: "New") {
            $0.isVerified = false
            $0.lastLoginAt = nil
        },
    ])

    /// Names that want to be somebody else's.
    static let hostile = FakeWorld(accounts: [
        account(1, email: "a.escape@example.org", first: "\u{1B}[31mRed", last: "\u{7}Bell"),
        account(2, email: "b.return@example.org", first: "Mallory\r> Anna", last: "Berg\nroot"),
        account(3, email: "c.order@example.org", first: "\u{202E}annA", last: "\u{2066}greB"),
        account(4, email: "d.joined@example.org", first: "👩‍👩‍👧‍👦", last: "A\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}"),
        account(5, email: "e.tags@example.org", first: "An\u{E0041}na", last: "B\u{AD}erg\u{200B}"),
        account(
            6, email: "f." + String(repeating: "long", count: 40) + "@example.org",
            first: String(repeating: "王", count: 40), last: String(repeating: "Ünterberg ", count: 9)),
    ])

    static func many(_ count: Int) -> FakeWorld {
        FakeWorld(
            accounts: (0..<count).map { number in
                let digits = String(100_000 + number).dropFirst()
                return account(number, email: "person\(digits)@example.org", first: "Person", last: String(digits))
            })
    }

    func selected(by selection: AccountSelection) -> [Account] {
        let accounts = accounts.filter { account in
            selection.filters.allSatisfy { filter in
                switch filter {
                case .inactive: !account.isActive
                case .unverified: !account.isVerified
                case .frozen: account.isFrozen
                case .noPIN: !account.hasVoicePIN
                case .external: account.signIn == .external
                default: true
                }
            }
        }
        if selection.isAlike { return accounts.filter { alike.contains($0.id) } }
        if selection.words.isEmpty { return accounts }
        return accounts.filter { account in
            let text = "\(account.email) \(account.username) \(account.firstName) \(account.lastName)".lowercased()
            return selection.words.allSatisfy { text.contains($0.lowercased()) }
        }
    }

    func page(_ selection: AccountSelection, _ origin: ListOrigin<Account>, _ limit: Int) -> ListPage<Account> {
        page(selected(by: selection), origin, limit) { $0.email }
    }

    func selected(by selection: AuditSelection) -> [AuditEvent] {
        events.filter {
            selection.outcome ?? $0.outcome == $0.outcome && selection.action ?? $0.action == $0.action
                && selection.operatorName ?? $0.operatorName == $0.operatorName && has(selection.words, $0)
        }
    }

    private func has(_ words: [String], _ event: AuditEvent) -> Bool {
        let texts = [
            event.accountEmail, event.accountUsername, event.ticket, event.reason, event.operatorName, event.dbUser,
        ]
        let key = texts.compactMap { $0 }.joined(separator: " ").lowercased()
        return words.allSatisfy { Int($0) == event.sequence || key.contains($0.lowercased()) }
    }

    /// A window of rows that are sorted by a key, read as the database would read it.
    func page<Row: Identifiable & Equatable & Sendable, Key: Comparable>(
        _ all: [Row], _ origin: ListOrigin<Row>, _ limit: Int, by key: (Row) -> Key
    ) -> ListPage<Row> {
        func after(_ row: Row?, including: Bool = false) -> [Row] {
            all.filter { other in row.map { key(other) > key($0) || including && key(other) == key($0) } ?? true }
        }
        func before(_ row: Row?) -> [Row] { all.filter { other in row.map { key(other) < key($0) } ?? true } }
        switch origin {
        case .after(let row):
            let rest = after(row)
            return ListPage(rows: Array(rest.prefix(limit)), hasAfter: rest.count > limit)
        case .before(let row):
            let rest = before(row)
            return ListPage(rows: Array(rest.suffix(limit)), hasBefore: rest.count > limit)
        case .around(let row):
            let place = all.first { $0.id == row.id } ?? row
            let (above, below) = (before(place), after(place, including: true))
            return ListPage(
                rows: above.suffix(limit / 2) + below.prefix(limit - limit / 2), hasBefore: above.count > limit / 2,
                hasAfter: below.count > limit - limit / 2)
        }
    }

    /// Lets somebody else change an account.
    mutating func touch(_ number: Int, _ change: (inout Account) -> Void = { _ in }) {
        guard let index = accounts.firstIndex(where: { $0.id == Self.id(number) }) else { return }
        change(&accounts[index])
        accounts[index].version += "x"
        accounts[index].updatedAt = Self.now
    }

    mutating func delete(_ number: Int) { accounts.removeAll { $0.id == Self.id(number) } }

    mutating func end(_ ending: Ending, of account: Account) -> ChangeResult {
        let eventID = Self.id(0xE000)
        var result = ChangeResult(outcome: .done, account: account, requestID: Self.id(0xF000))
        func receipt(_ outcome: ChangeResult.Outcome) -> Receipt {
            Receipt(
                outcome: outcome, eventID: eventID, sequence: 4711, occurredAt: Self.now, temporaryUntil: temporaryUntil
            )
        }
        switch ending {
        case .done(let secret):
            if let index = accounts.firstIndex(where: { $0.id == account.id }) {
                accounts[index].version += "+"
                accounts[index].updatedAt = Self.now
                result.account = accounts[index]
                // The database does not say which version came of it.
                result.account.version = account.version
            }
            result.receipt = receipt(.done)
            result.newSecret = secret.map { Secret(copying: $0) }
        case .unreplicated(let secret):
            result.receipt = receipt(.done)
            result.newSecret = secret.map { Secret(copying: $0) }
            result.isReplicated = false
            result.message = "Made on this server, but the standby that should have it does not confirm that."
        case .refused(let message, let rule):
            result.outcome = .refused
            result.message = message
            result.rule = rule
            result.receipt = receipt(.refused)
        case .conflict:
            result.outcome = .conflict
            result.message =
                "The account changed since you saw it: the name. Nothing was done; look at it again and confirm."
        case .unknown:
            result.outcome = .unknown
            result.message =
                "The connection was lost after sending. Run “convonet-admin audit list --request-id 5b00” to find out."
        case .failed:
            result.outcome = .failed
            result.message = "The database could not write the change. Nothing was changed; the server's log says why."
        }
        return result
    }
}
