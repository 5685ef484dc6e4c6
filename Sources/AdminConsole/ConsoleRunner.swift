public import ConvonetCore
import Dispatch
import PostgresClient
public import TerminalKit

/// Performs the console's effects against the core, and posts what comes of them as answers.
final class ConsoleRunner {
    private let session: AdminSession
    private let mailbox: Mailbox<Answer>
    private var pageFetch: Task<Void, Never>?

    init(session: AdminSession, mailbox: Mailbox<Answer>) {
        self.session = session
        self.mailbox = mailbox
    }

    func perform(_ effect: Effect) -> LoopControl {
        let session = session
        switch effect {
        case .loadPage(let request, let selection, let origin, let limit):
            pageFetch?.cancel()
            pageFetch = start({ .page(request: request, $0) }) {
                try await session.accounts.page(of: selection, origin, limit: limit)
            }
        case .countAccounts:
            start({ .count($0.map { Total(count: $0.count, isExact: $0.isExact) }) }) {
                try await session.accounts.estimatedCount()
            }
        case .loadAccount(let request, let id):
            start({ .account(request: request, $0) }) { try await session.accounts.account(id: id) }
        case .loadPerson(let request, let id):
            let mailbox = mailbox
            Task.detached {
                let dossier = await session.accounts.dossier(of: id)
                mailbox.post(.account(request: request, dossier.account))
                mailbox.post(.teams(request: request, dossier.teams))
                mailbox.post(.history(request: request, dossier.history))
            }
        case .loadOwnChanges(let minutes):
            start({ .ownChanges($0) }) { try await session.credentials.recentChanges(minutes: minutes) }
        case .loadEvents(let request, let account, let before, let limit):
            start({ .events(request: request, $0) }) {
                try await session.audit.newest(
                    before: before, matching: AuditSelection(account: account.map { .id($0) }), limit: limit)
            }
        case .change(let request, let account, let action, let context):
            start({ .changed(request: request, $0) }) {
                let change = CredentialChange(account: account, action: action, context: context)
                return try await session.credentials.perform(change)
            }
        case .copy(let text): return .copy(text)
        case .discardTypeAhead: return .discardTypeAhead
        case .redraw: return .redraw
        case .suspend: return .suspend
        case .quit: return .quit
        }
        return .go
    }

    /// Ends what still reads, so that it does not go on at the server; waits for that no longer than a moment.
    func stop() {
        guard let pageFetch else { return }
        pageFetch.cancel()
        let ended = DispatchSemaphore(value: 0)
        Task.detached {
            await pageFetch.value
            ended.signal()
        }
        _ = ended.wait(timeout: .now() + .milliseconds(500))
    }

    /// Does the work away from the thread that draws, and posts what comes of it.
    @discardableResult
    private func start<Value: Sendable>(
        _ answer: @escaping @Sendable (Result<Value, AdminError>) -> Answer,
        _ work: @escaping @Sendable () async throws -> Value
    ) -> Task<Void, Never> {
        let mailbox = mailbox
        return Task.detached {
            do {
                mailbox.post(answer(.success(try await work())))
            } catch let error as AdminError {
                mailbox.post(answer(.failure(error)))
            } catch {
                mailbox.post(answer(.failure(.database(.unexpectedResult("\(type(of: error))")))))
            }
        }
    }
}

extension AccountDirectory {
    fileprivate func page(of selection: AccountSelection, _ origin: PageOrigin, limit: Int) async throws -> Page {
        switch origin {
        case .after(let account): try await page(of: selection, after: account, limit: limit)
        case .from(let account): try await page(of: selection, after: account, including: true, limit: limit)
        case .before(let account): try await page(of: selection, before: account, limit: limit)
        }
    }
}

/// The console on a terminal.
public enum ConsoleProgram {
    /// Runs the console until somebody leaves it. The calling thread draws and reads keys, and waits for nothing else.
    public static func run(_ session: AdminSession, _ context: ConsoleContext, on terminal: any Terminal) {
        let mailbox = Mailbox<Answer>()
        let runner = ConsoleRunner(session: session, mailbox: mailbox)
        var console = Console(context, now: .now)
        ProgramLoop.run(
            terminal: terminal, model: &console, mailbox: mailbox,
            update: { $0.update($1, now: .now) }, view: { $0.view($1) }, nextTick: { $0.nextTick },
            perform: runner.perform)
        runner.stop()
    }
}
