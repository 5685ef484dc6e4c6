public import ConsoleParts
package import ConsoleRequests
import ConvonetCore
internal import ConvonetDatabase
package import OperatingSystem
public import TerminalKit

/// What runs in the program's loop: the console, or another view of it.
package protocol ConsoleModel {
    /// What is shown of it at one time.
    associatedtype Frame: Equatable

    mutating func update(_ event: LoopEvent<Answer>, now: Timestamp, uptime: Int) -> [Effect]
    func view(_ size: Size) -> Frame
    /// The window's title.
    var title: String { get }
    /// Milliseconds until it wants to be told the time.
    var nextTick: Int? { get }
}

extension Console: ConsoleModel {}

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
        _ opening: Opening, on terminal: any Terminal<Buffer>, columns: () -> [String] = { [] },
        keepColumns: @escaping @Sendable ([String]) -> String? = { _ in nil }
    ) -> Int32? {
        run(opening, on: terminal, columns: columns, keepColumns: keepColumns) { $0 }
    }

    /// The same with another view of the console, which `model` makes of it.
    ///
    /// Each database has a console of its own, with a mailbox of its own: what was asked of one that was left reaches nobody.
    package static func run<Model: ConsoleModel>(
        _ opening: Opening, on terminal: any Terminal<Model.Frame>, columns: () -> [String],
        keepColumns: @escaping @Sendable ([String]) -> String?, model: (Console) -> Model
    ) -> Int32? {
        var opening = opening
        var former: EnvironmentLabel?
        while true {
            var context = opening.context
            context.keepColumns = keepColumns
            context.clipboardLimit = terminal.clipboardLimit
            context.showsColours = terminal.showsColours
            var console = model(
                Console(
                    context, firstPage: opening.firstPage, columns: columns(), cameFrom: former, now: opening.clock.now,
                    uptime: SystemClock.milliseconds()))
            let runner = run(&console, opening, on: terminal)
            guard let next = runner.next else { return runner.endedBy }
            terminal.startOver()
            former = opening.context.environment
            opening = next
        }
    }

    /// Runs one console to its end.
    private static func run<Model: ConsoleModel>(
        _ console: inout Model, _ opening: Opening, on terminal: any Terminal<Model.Frame>
    ) -> ConsoleRunner {
        let mailbox = Mailbox<Answer>()
        let runner = ConsoleRunner(session: opening.session, mailbox: mailbox)
        let clock = opening.clock
        ProgramLoop.run(
            terminal: terminal, model: &console, mailbox: mailbox,
            update: { $0.update($1, now: clock.now, uptime: SystemClock.milliseconds()) }, view: { $0.view($1) },
            title: { $0.title },
            nextTick: { $0.nextTick },
            perform: runner.perform)
        runner.stop()
        return runner
    }
}
