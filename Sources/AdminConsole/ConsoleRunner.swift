public import ConvonetCore
import Dispatch
import PostgresClient
public import TerminalKit

/// Performs the console's effects against the core, and posts what comes of them as answers.
final class ConsoleRunner {
    private let session: AdminSession
    private let mailbox: Mailbox<Answer>
    /// One thread, so that requests reach the pool in the order in which they were asked for: the first page takes the
    /// connection that is there, and what is less urgent waits for another.
    private let thread = WorkerThreads(count: 1)
    /// The signal that ended the console; nil where somebody left it.
    private(set) var endedBy: Int32?
    /// What is read now, by what it is read for: what is asked for anew takes the place of what was asked for before.
    private var reading: [Reading: Task<Void, Never>] = [:]

    private enum Reading {
        case accounts, accountCount, events, eventCount, verification, approvals, approvalCount, preview,
            unfilteredCount
        case teams
    }

    private let keepColumns: @Sendable ([String]) -> String?

    init(session: AdminSession, mailbox: Mailbox<Answer>, keepColumns: @escaping @Sendable ([String]) -> String?) {
        self.session = session
        self.mailbox = mailbox
        self.keepColumns = keepColumns
    }

    func perform(_ effect: Effect) -> LoopControl {
        let session = session
        switch effect {
        case .loadPage(let request, let selection, let origin, let limit):
            // Of another list nobody needs to know any more how many were in it.
            var isNewList = false
            if case .after(nil) = origin { isNewList = true }
            read(
                .accounts, insteadOf: isNewList ? [.accountCount, .unfilteredCount] : [],
                { .page(request: request, $0) }
            ) {
                try await session.accounts.page(of: selection, origin, limit: limit)
            }
        case .countAccounts(let request, let selection, let isUnfiltered):
            read(isUnfiltered ? .unfilteredCount : .accountCount, { .accountCount(request: request, $0) }) {
                try await session.accounts.total(of: selection)
            }
        case .loadAccount(let request, let id):
            start({ .account(request: request, $0) }) { try await session.accounts.account(id: id) }
        case .loadPerson(let request, let id, let isPreview):
            let answer: @Sendable (Result<AccountDossier, AdminError>) -> Answer = {
                switch $0 {
                case .success(let dossier): .person(request: request, dossier)
                case .failure(let error): .person(request: request, AccountDossier(failure: error))
                }
            }
            if isPreview {
                read(.preview, answer) { await session.accounts.dossier(of: id) }
            } else {
                start(answer) { await session.accounts.dossier(of: id) }
            }
        case .loadPending(let request):
            let mayDecide = session.rights.mayDecide
            start({ .pending(request: request, $0) }) {
                PendingApprovals(try await session.approvals.page(all: false, limit: 1001), mayDecide: mayDecide)
            }
        case .loadTeams(let request, let ids):
            read(.teams, { .teams(request: request, $0) }) { try await session.accounts.teams(of: ids) }
        case .loadOwnChanges(let minutes):
            // Behind the count, which is asked for at the same time: a connection less.
            let count = reading[.accountCount]
            start({ .ownChanges($0) }) {
                await count?.value
                return try await session.changes.recentChanges(minutes: minutes)
            }
        case .loadApprovals(let request, let all, let origin, let limit):
            read(.approvals, { .approvals(request: request, $0) }) {
                try await session.approvals.page(all: all, origin, limit: limit)
            }
        case .countApprovals(let request, let all):
            read(.approvalCount, { .approvalCount(request: request, $0) }) {
                try await session.approvals.total(all: all)
            }
        case .decide(let request, let approval, let decision, let reason):
            start({ .decided(request: request, $0) }) {
                try await session.approvals.decide(approval, decision, reason: reason)
            }
        case .loadEvents(let request, let selection, let origin, let limit):
            read(.events, { .events(request: request, $0) }) {
                try await session.audit.page(of: selection, origin, limit: limit)
            }
        case .countEvents(let request, let selection):
            read(.eventCount, { .eventCount(request: request, $0) }) { try await session.audit.total(of: selection) }
        case .verifyLog(let request):
            let mailbox = mailbox
            read(.verification, { .verified(request: request, $0) }) {
                try await session.audit.verify { mailbox.post(.verifying(request: request, sequence: $0, of: $1)) }
            }
        case .stopVerifying: reading.removeValue(forKey: .verification)?.cancel()
        case .checkTicket(let ticket):
            start({ .ticket(ticket, isGood: (try? $0.get()) ?? true) }) {
                try await session.changes.policyTakes(ticket: ticket)
            }
        case .change(let request, let account, let action, let context):
            let mailbox = mailbox
            start({ .changed(request: request, $0) }) {
                let change = AccountChange(account: account, action: action, context: context)
                let id = change.requestID
                mailbox.post(.changing(request: request, id: id, words: nil))
                return try await session.changes.perform(change) {
                    mailbox.post(.changing(request: request, id: id, words: $0))
                }
            }
        case .copy(let text): return .copy(text)
        case .keepColumns(let columns):
            let keepColumns = keepColumns
            start({ .kept(problem: (try? $0.get()) ?? nil) }) { keepColumns(columns) }
        case .awaitPaint: return .awaitPaint
        case .redraw: return .redraw
        case .suspend: return .suspend
        case .quit: return .quit
        case .end(let signal):
            endedBy = signal
            return .quit
        }
        return .go
    }

    /// Ends what still reads, so that it does not go on at the server; waits for that no longer than a moment.
    func stop() {
        let tasks = Array(reading.values)
        for task in tasks { task.cancel() }
        let ended = DispatchSemaphore(value: 0)
        Task.detached(executorPreference: thread) {
            for task in tasks { await task.value }
            ended.signal()
        }
        _ = ended.wait(timeout: .now() + .milliseconds(500))
    }

    private func read<Value: Sendable>(
        _ what: Reading, insteadOf others: [Reading] = [],
        _ answer: @escaping @Sendable (Result<Value, AdminError>) -> Answer,
        _ work: @escaping @Sendable () async throws -> Value
    ) {
        let before = ([what] + others).compactMap { reading[$0] }
        for task in before { task.cancel() }
        reading[what] = start(answer) {
            // The server must have let go of the last one: somebody who types fast has one query there, not ten.
            for task in before { await task.value }
            try Task.checkCancellation()
            return try await work()
        }
    }

    /// Does the work away from the thread that draws, and posts what comes of it.
    @discardableResult
    private func start<Value: Sendable>(
        _ answer: @escaping @Sendable (Result<Value, AdminError>) -> Answer,
        _ work: @escaping @Sendable () async throws -> Value
    ) -> Task<Void, Never> {
        let mailbox = mailbox
        return Task.detached(executorPreference: thread) {
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

/// The console on a terminal.
public enum ConsoleProgram {
    /// Accounts to be read with the session: enough for most screens and the next page. What a larger screen lacks is read
    /// as soon as it is there.
    public static let firstPage = 60

    /// Runs the console until somebody leaves it, or a signal ends it, whose number is returned. The calling thread draws
    /// and reads keys, and waits for nothing else.
    ///
    /// - Parameters:
    ///   - columns: The columns of the list by name, as `keepColumns` was given them; none for the usual ones.
    ///   - keepColumns: Keeps them for the next time, and returns why that could not be done.
    public static func run(
        _ session: AdminSession, _ context: ConsoleContext, on terminal: any Terminal, columns: [String] = [],
        keepColumns: @escaping @Sendable ([String]) -> String? = { _ in nil }
    ) -> Int32? {
        let mailbox = Mailbox<Answer>()
        let runner = ConsoleRunner(session: session, mailbox: mailbox, keepColumns: keepColumns)
        let firstPage = session.firstPage.map { ListPage(rows: $0.accounts, hasAfter: $0.hasMore) }
        // By the server's clock, so that an age shown is one that the log agrees with.
        let clock = session.clock
        var console = Console(context, firstPage: firstPage, now: clock.now, uptime: MonotonicClock.milliseconds())
        console.showColumns(columns)
        ProgramLoop.run(
            terminal: terminal, model: &console, mailbox: mailbox,
            update: { $0.update($1, now: clock.now, uptime: MonotonicClock.milliseconds()) }, view: { $0.view($1) },
            nextTick: { $0.nextTick },
            perform: runner.perform)
        runner.stop()
        return runner.endedBy
    }
}
