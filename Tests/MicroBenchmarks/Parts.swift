import AdminConsole
import AuditVerification
import ConsoleParts
import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import Glibc
import OperatingSystem
import PostgresClient
import SearchText
import TerminalKit

func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Pieces of the program, each on its own.
enum Parts {
    private static let rounds = 200

    static func run() async throws {
        let session = try await Database.session(try Database.pool())
        let page = try await session.accounts.page(of: AccountSelection(), limit: 100)
        screens(session, page)
        widths(page.accounts)
        try await pages(session)
        checks(session, page.accounts)
        try await log(session)
    }

    static func bcrypt() throws {
        var times = Measurement("bcrypt, cost 12")
        let password = Secret(copying: "Convonet-demo-1")
        let hash = try BcryptHasher(cost: 12).hash(password)
        guard let setting = BcryptSetting(parsing: String(hash.text.prefix(29))) else { return }
        for _ in 0..<5 { _ = times.time { BcryptHasher.proof(of: password, under: setting) } }
        times.print()
    }

    private static func screens(_ session: AdminSession, _ page: AccountDirectory.Page) {
        let size = Size(columns: 100, rows: 30)
        var console = Console(
            ConsoleContext(session, environment: EnvironmentLabel("benchmark"), readOnly: false),
            firstPage: ListPage(rows: page.accounts, hasAfter: true), now: .now, uptime: 0)
        _ = console.update(.input(.resized(size)), now: .now, uptime: 0)
        var view = Measurement("lay out a list of 100x30")
        var step = Measurement("update on a cursor key")
        for _ in 0..<rounds {
            _ = step.time { console.update(.input(.key(.down)), now: .now, uptime: 0) }
            _ = view.time { console.view(size) }
        }
        view.print()
        step.print()
    }

    private static func widths(_ accounts: [Account]) {
        let texts = accounts.flatMap { [$0.email, $0.fullName, $0.username] }
        var times = Measurement("width of a text")
        for _ in 0..<rounds { _ = times.time { texts.reduce(0) { $0 + TextWidth.columns(of: $1) } } }
        times.print(stepsEach: texts.count)
        var folds = Measurement("fold a text for search")
        for _ in 0..<rounds { _ = folds.time { texts.reduce(0) { $0 + SearchFold.fold($1).utf8.count } } }
        folds.print(stepsEach: texts.count)
    }

    private static func pages(_ session: AdminSession) async throws {
        var times = Measurement("fetch and decode an account, in pages of 1,000")
        for _ in 0..<30 {
            _ = try await times.time { try await session.accounts.page(of: AccountSelection(), limit: 1000) }
        }
        times.print(stepsEach: 1000)
    }

    private static func checks(_ session: AdminSession, _ accounts: [Account]) {
        var times = Measurement("check a password against the policy")
        for number in 0..<rounds {
            let password = Secret(copying: "correct-horse-\(number)")
            _ = times.time { session.changes.assess(password, for: accounts[number % accounts.count]) }
        }
        times.print()
    }

    private static func log(_ session: AdminSession) async throws {
        let events = Array(try await session.audit.newest(limit: 5000).reversed())
        guard let first = events.first else { return }
        var times = Measurement("verify an event of the log")
        for _ in 0..<20 {
            let problem = times.time {
                var verifier = AuditChainVerifier(from: first.sequence)
                for event in events { verifier.take(HashedEvent(event)) }
                return verifier.problem
            }
            precondition(problem == nil, "the log is broken")
        }
        times.print(stepsEach: events.count)
    }
}
