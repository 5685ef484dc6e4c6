import AccountDisplay
import ConsoleRequests
import ConvonetCore
import Credentials
import FoundationEssentials
import PostgresClient
import TerminalKit
import TestDatabase

@testable import AdminConsole
@testable import ConsoleParts

/// What must hold after each key, whoever did what meanwhile.
struct WalkChecks {
    /// What somebody confirmed, and what they had before their eyes.
    private struct Confirmation {
        let word: String?
        let screen: WalkScreen
        let dialog: Int?
        /// Those whom a yes with a number was for.
        let people: Set<UUID>
    }

    private let superuser: PostgresPool
    private(set) var screen = WalkScreen(Buffer(size: Size(columns: 1, rows: 1)))
    private var secrets = WalkSecrets()
    private var before = WalkPlace()
    private var key: Key?
    private var confirmed: Confirmation?
    private var known: Set<Int> = []
    /// The last event that was looked at.
    private var sequence = 0
    private(set) var counts: [String: Int] = [:]

    init(_ superuser: PostgresPool) { self.superuser = superuser }

    mutating func startOver() { (before, confirmed, known) = (WalkPlace(), nil, []) }

    /// A key is about to be pressed: whom it is for, by what is seen.
    mutating func begin(_ console: Console, _ key: Key) throws {
        before = WalkPlace(console)
        self.key = key
        // Any other key takes back what was confirmed, but for a batch, which goes on.
        let isGoingOn = console.batch.map { $0.review.stage == .running || $0.review.stage == .looking } ?? false
        guard key == .enter || key == .control("g") else {
            if !isGoingOn, console.reset?.stage != .working { confirmed = nil }
            return
        }
        if isGoingOn { return }
        let people = console.batch?.review.batch?.rows.filter { $0.standing == .wouldDo }.map(\.account.id) ?? []
        confirmed = Confirmation(
            word: screen.typedWord, screen: screen, dialog: before.top, people: Set(people))
    }

    /// Something else than a key comes in.
    mutating func begin(_ console: Console) { (before, key) = (WalkPlace(console), nil) }

    /// Looks at what is seen now, and at what was sent since.
    mutating func look(_ walked: WalkedConsole) throws {
        let console = walked.console
        for order in walked.orders where known.insert(order.request).inserted {
            if let write = order.writing { try checkWord(write, console) }
        }
        let after = WalkPlace(console)
        if let fault = after.fault(after: before, byKey: key != nil) { throw ConsoleWalk.Fault(description: fault) }
        screen = WalkScreen(console.view(walked.size))
        if let fault = screen.fault { throw ConsoleWalk.Fault(description: fault) }
        try checkSecrets(console)
        counts[
            "screen: \(type(of: console.screen))\(console.overlay.map { " under \(Self.name($0))" } ?? "")", default: 0] +=
            1
    }

    private static func name(_ overlay: any Overlay) -> String {
        if let box = overlay as? MenuBox { return "\(type(of: box.menu))" }
        return "\(type(of: overlay))"
    }

    /// Nothing is sent without its word, and for nobody but who was seen with it.
    private mutating func checkWord(_ write: WalkedWrite, _ console: Console) throws {
        guard let confirmed else { throw ConsoleWalk.Fault(description: "sent without Enter: \(write)") }
        let shown = confirmed.screen
        if write.word == .typed {
            let isBatch = confirmed.word?.hasPrefix("yes ") == true
            if isBatch, confirmed.people.contains(write.account) { return }
            let words = ["yes", console.reset?.account.username]
            guard let word = confirmed.word, words.contains(word) else {
                throw ConsoleWalk.Fault(description: "sent after “\(confirmed.word ?? "")”: \(write)\n\(shown.text)")
            }
        }
        let isShown = write.approval.map { shown.shows("Request \($0):") } ?? shown.shows(write.email)
        guard isShown else { throw ConsoleWalk.Fault(description: "somebody else was shown: \(write)\n\(shown.text)") }
        // Of a dialog about one account, it is for that account and no other.
        if write.approval == nil, confirmed.dialog == before.top, let account = before.dialogAccount,
            account != write.account
        {
            throw ConsoleWalk.Fault(description: "the dialog is for \(account): \(write)")
        }
    }

    private mutating func checkSecrets(_ console: Console) throws {
        let top = console.stack.last?.number
        if console.shared.isCovered {
            secrets.cover()
            let body = screen.rows.dropFirst().joined(separator: " ").split(separator: " ").joined(separator: " ")
            guard Console.coverText.hasPrefix(body) || body == Console.coverText || console.shared.isTooSmall else {
                throw ConsoleWalk.Fault(description: "the cover shows more than itself")
            }
        }
        if let dialog = console.reset, let top {
            if case .receipt(let result, _) = dialog.stage, let secret = result.newSecret,
                !noted.contains(result.requestID)
            {
                noted.insert(result.requestID)
                secrets.note(secret, in: top)
            }
            let typed = dialog.form.secret(.secret).secret
            if dialog.form.focus == .again, typed.codePointCount >= 6, lastTyped != typed {
                lastTyped = typed
                secrets.note(typed, in: top)
            }
        }
        let open = top == console.stack.last?.number ? console.reset : nil
        if let fault = secrets.fault(on: screen, dialog: top, open) { throw ConsoleWalk.Fault(description: fault) }
        counts["secrets seen where they may be"] = secrets.sightings
    }

    private var noted: Set<UUID> = []
    private var lastTyped: Secret?

    /// What was done is in the log, once, for whom it was meant; and nothing else is. Says how it ended.
    mutating func hear(_ order: WalkedConsole.Order, _ answers: [Answer]) async throws -> String? {
        let user = TestDatabase.User.lead.rawValue
        guard let write = order.writing else { return nil }
        let events = try await superuser.query(
            """
            SELECT sequence, action, outcome, account_id, account_email FROM convonet_admin.audit_event
            WHERE sequence > \(sequence) AND db_user = \(user) ORDER BY sequence
            """)
        for (place, event) in events.enumerated() {
            sequence = try event.int(0)
            let (action, outcome) = (try event.text(1), try event.text(2))
            // What needs a second person asks for one first, with the word for the change itself.
            let isAsking = place == 0 && events.count == 2 && action == "request_approval"
            guard place == events.count - 1 || isAsking, place < 2, isAsking || write.actions.contains(action),
                try event.uuid(3) == write.account,
                try outcome != "done" || write.approval != nil || event.optional(4, event.text) == write.email
            else {
                throw ConsoleWalk.Fault(
                    description: "an event that was not confirmed: \(action) \(outcome) after \(write)")
            }
        }
        let outcome = try events.last.map { try $0.text(2) } ?? "without an event"
        try checkTold(answers, outcome)
        return "\(write.actions.sorted().joined()) \(outcome)"
    }

    /// What is told is what the log says.
    private func checkTold(_ answers: [Answer], _ outcome: String) throws {
        for answer in answers {
            guard case .end(.success(let value)) = answer.content, let result = value as? ChangeResult else { continue }
            if result.outcome == .unknown || result.receipt == nil { continue }
            guard result.outcome.rawValue == outcome else {
                throw ConsoleWalk.Fault(description: "told as \(result.outcome), and the log says \(outcome)")
            }
        }
    }
}
