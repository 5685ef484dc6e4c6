import AccountPolicy
import ConsoleRequests
import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Which work makes room for which.
@Suite struct ConsoleRunnerTests {
    /// What happened, in order.
    private final class Happenings: Sendable {
        private let stream = AsyncStream.makeStream(of: String.self)

        func note(_ what: String) { stream.continuation.yield(what) }

        func next(_ count: Int) async -> [String] {
            var found: [String] = []
            for await what in stream.stream {
                found.append(what)
                if found.count == count { break }
            }
            return found
        }
    }

    /// Work that goes on until it is let through a gate or cancelled.
    private struct Probe: Work {
        typealias Value = Int
        typealias Progress = Never
        var number: Int
        var lane: Lane?
        var follows: Lane?
        var gate: AsyncStream<Void>?
        let happenings: Happenings

        static func == (one: Probe, other: Probe) -> Bool { one.number == other.number }

        func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws -> Int {
            happenings.note("begin \(number)")
            if let gate { for await _ in gate { break } }
            happenings.note(Task.isCancelled ? "cancelled \(number)" : "end \(number)")
            return number
        }
    }

    private let gate = AsyncStream.makeStream(of: Void.self)
    private let happenings = Happenings()
    private let runner = ConsoleRunner(
        session: FakeSession(.few, policy: .standard), mailbox: Mailbox<Answer>())

    private func read(_ number: Int, _ lane: Lane, follows: Lane? = nil, waits: Bool = false) {
        let gate = waits ? gate.stream : nil
        let probe = Probe(number: number, lane: lane, follows: follows, gate: gate, happenings: happenings)
        #expect(runner.perform(.run(request: number, AnyWork(probe))) == .go)
    }

    @Test func whatBeginsInALaneWaitsUntilWhatWasThereHasLetGo() async {
        read(1, "rows", waits: true)
        #expect(await happenings.next(1) == ["begin 1"])
        read(2, "rows")
        #expect(await happenings.next(3) == ["cancelled 1", "begin 2", "end 2"])
    }

    @Test func anotherLaneIsLeftAlone() async {
        read(1, "rows", waits: true)
        read(2, "count")
        #expect(Set(await happenings.next(3)) == ["begin 1", "begin 2", "end 2"])
        #expect(runner.perform(.stop("rows")) == .go)
        #expect(await happenings.next(1) == ["cancelled 1"])
    }

    @Test func whatWasStoppedKeepsItsPlaceUntilItHasLetGo() async {
        read(1, "rows", waits: true)
        #expect(await happenings.next(1) == ["begin 1"])
        #expect(runner.perform(.stop("rows")) == .go)
        read(2, "rows")
        #expect(await happenings.next(3) == ["cancelled 1", "begin 2", "end 2"])
    }

    @Test func whatFollowsALaneBeginsOnceThatIsEmpty() async {
        read(1, "count", waits: true)
        read(2, "own changes", follows: "count")
        #expect(await happenings.next(1) == ["begin 1"])
        #expect(runner.perform(.stop("count")) == .go)
        #expect(await happenings.next(3) == ["cancelled 1", "begin 2", "end 2"])
    }

    @Test func aChangeIsCancelledByNothing() async {
        let probe = Probe(number: 1, gate: gate.stream, happenings: happenings)
        #expect(runner.perform(.run(request: 1, AnyWork(probe))) == .go)
        #expect(await happenings.next(1) == ["begin 1"])
        runner.stop()
        gate.continuation.yield()
        #expect(await happenings.next(1) == ["end 1"])
    }
}
