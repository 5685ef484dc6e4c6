import ConsoleRequests
import ConvonetCore
import FoundationEssentials
import TerminalKit
import TestDatabase

@testable import AdminConsole
@testable import ConsoleParts

/// Keys by chance on the console over a real PostgreSQL, with somebody else acting between them; what must hold is looked at after each.
struct ConsoleWalk {
    /// Something that must not be, and what led there.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    let seed: UInt64
    /// Its server goes when nobody holds it any more.
    private let database: TestDatabase
    private(set) var walked: WalkedConsole
    private var keys: WalkKeys
    private var other: SecondOperator
    private var checks: WalkChecks
    private(set) var step = 0
    /// For so many keys more nothing is done or heard of.
    private var delay = 0
    private var trail: [String] = []
    /// What happened how often.
    private(set) var counts: [String: Int] = [:]

    init(seed: UInt64) async throws {
        self.seed = seed
        database = try await Self.database()
        walked = WalkedConsole(try await database.session(.lead))
        keys = WalkKeys(seed: seed)
        other = try await SecondOperator(database)
        checks = WalkChecks(try database.superuserPool())
        try await doAll()
    }

    /// A server of its own: nobody else's sessions are ended, and nobody else's door is shut.
    private static func database() async throws -> TestDatabase {
        let database = try await TestDatabase.alone()
        try await database.sql(
            """
            ALTER SYSTEM SET log_statement = 'none';
            SELECT pg_reload_conf();
            GRANT desk_auditor TO test_supervisor_lead;
            UPDATE users_convonet u SET email = 'person' || n.place || '@example.org', username = 'person' || n.place
            FROM (SELECT id, lpad((row_number() OVER (ORDER BY email))::text, 3, '0') AS place FROM users_convonet) n WHERE n.id = u.id;
            UPDATE convonet_admin.policy SET bcrypt_cost = 10, issued_pin_length = 6, pin_minimum_length = 6,
                refusals_per_operator_hour = 10000, events_per_operator_hour = 1000000, pin_answers_per_hour = 1000000,
                typed_pin_limit = 20;
            """)
        return database
    }

    /// Presses so many keys.
    mutating func run(_ count: Int, progress: (Int) -> Void) async throws {
        for _ in 0..<count {
            step += 1
            do {
                try await takeStep()
            } catch let fault as Fault {
                let last = trail.suffix(80).joined(separator: " ")
                throw Fault(
                    description: "seed \(seed), key \(step): \(fault)\nbefore that: \(last)\n\(checks.screen.text)")
            }
            if trail.count > 400 { trail.removeFirst(200) }
            progress(step)
        }
        try await other.shut(false)
    }

    private mutating func takeStep() async throws {
        if walked.hasQuit {
            walked.startOver()
            checks.startOver()
            count("left and started again")
            try await doAll()
        }
        if keys.chance(40) == 0 { try await letOtherAct() }
        if keys.chance(60) == 0 { delay = keys.chance(12) }
        let key = keys.next(walked.console)
        note(key.name)
        try checks.begin(walked.console, key)
        if keys.chance(300) == 0 { walked.isFarAway = true }
        walked.press(key)
        try look()
        delay = max(0, delay - 1)
        if delay == 0 { try await doAll() }
        if walked.isFarAway, keys.chance(4) == 0 { walked.show() }
        if keys.chance(120) == 0 { try await beDifferent() }
    }

    /// What comes in beside keys: another size, time, the mouse, something pasted.
    private mutating func beDifferent() async throws {
        switch keys.chance(8) {
        case 0, 1:
            let isUsual = keys.chance(3) > 0
            let size =
                isUsual ? Size(columns: 80, rows: 24) : Size(columns: 1 + keys.chance(130), rows: 1 + keys.chance(45))
            note("<\(size.columns)x\(size.rows)>")
            walked.resize(size)
        case 2: try await pass(1000 * [2, 6, 11, 130][keys.chance(4)])
        case 3: try await pass(1000 * (keys.chance(2) == 0 ? 320 : 20))
        case 4:
            note("<paste>")
            walked.paste(keys.chance(2) == 0 ? "yes\n王\u{202E}" : "person012@example.org")
        case 5...6:
            note("<mouse>")
            walked.click(
                [.click, .wheelUp, .wheelDown][keys.chance(3)], column: keys.chance(80), row: keys.chance(24))
        default: walked.show()
        }
        checks.begin(walked.console)
        try look()
        try await doAll()
    }

    /// Lets time pass; what is read meanwhile is read.
    private mutating func pass(_ milliseconds: Int) async throws {
        note("<\(milliseconds / 1000) s>")
        let end = walked.uptime + milliseconds
        while walked.tick(until: end) {
            try look()
            try await doAll()
            if walked.hasQuit { return }
        }
        if walked.console.shared.isCovered { count("covered") }
    }

    private mutating func letOtherAct() async throws {
        let console = walked.console
        let target = keys.chance(2) == 0 ? console.reset?.account.id ?? console.screen.account?.id : nil
        let what = try await other.act(on: target, &keys)
        note("{\(what)}")
        count("acts of somebody else")
    }

    /// Has done what was asked for, and takes the answers, one after the other.
    private mutating func doAll() async throws {
        delay = 0
        while !walked.orders.isEmpty || !walked.answers.isEmpty {
            if walked.hasQuit { return }
            if let order = walked.orders.first {
                // What is sent while nobody is let in would be tried again for most of a minute.
                if order.writing != nil { try await other.shut(false) }
                await walked.carryOutNext()
                if let ended = try await checks.hear(order, walked.answers) { count(ended) }
            }
            while !walked.answers.isEmpty {
                let answer = walked.answers.removeFirst()
                checks.begin(walked.console)
                walked.take(answer)
                try look()
            }
        }
    }

    private mutating func look() throws {
        if walked.hasQuit { return }
        count("screens looked at")
        try checks.look(walked)
    }

    private mutating func note(_ what: String) { trail.append(what) }

    private mutating func count(_ what: String) { counts[what, default: 0] += 1 }

    /// What of all that was looked for was there to be found.
    var found: [String: Int] { counts.merging(checks.counts) { $1 } }
}

extension Key {
    /// As tests write it.
    var name: String {
        switch self {
        case .character(let character): "\(character)"
        case .control(let character): "<C-\(character)>"
        case .function(let number): "<F\(number)>"
        default: "<\(self)>"
        }
    }
}
