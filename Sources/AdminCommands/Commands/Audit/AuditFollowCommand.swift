internal import ArgumentParser
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import ProgramStart

struct AuditFollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Write events as they are logged, each verified, until it is stopped.",
        discussion: """
            For another system: a line for each event, oldest first. It stops with exit code 65 where the log's hash chain breaks, \
            and writes nothing from there on. With --cursor it goes on where it was stopped; events may then come twice, but none is \
            left out. The cursor is a checkpoint, too (“audit verify --checkpoint”). A lost connection is made again.

            Example: \(Program.name) audit follow --format ocsf --cursor /var/lib/siem/convonet.cursor
            """)

    @Option(name: .long, help: ArgumentHelp("Output format: jsonl, ocsf or rfc5424.", valueName: "format")) var format =
        FeedFormat.jsonl
    @Option(
        name: .long,
        help: ArgumentHelp("File that keeps what was written; made if it is not there.", valueName: "file"),
        completion: .file())
    var cursor: String?
    @Flag(name: .long, help: "End at the newest event instead of waiting for more.") var once = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if common.json, format != .jsonl { throw ValidationError("Use either --json or --format \(format.rawValue).") }
    }

    func run() async throws {
        let session = try await common.session()
        let kept = cursor.map { FollowCursor(path: $0, log: session.log) }
        var follower = AuditFollower(session.audit, after: try kept?.anchor())
        var isLost = false
        while true {
            let next = await Self.next(of: follower)
            if !once, case .failure(let error) = next, ExitStatus(known: error) == .unavailable {
                if !isLost { Output.say("\(error) Trying again until it is there.") }
                isLost = true
                try await Task.sleep(for: .seconds(5))
                continue
            }
            if isLost { Output.say("Connected again.") }
            isLost = false
            let (step, reached) = try next.get()
            follower = reached
            try write(step.events, session.log)
            if !step.events.isEmpty { try kept?.keep(follower.reached) }
            if let problem = step.problem { throw Self.broken(problem) }
            if step.isAtEnd {
                if once { return }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// What is new, and the follower behind it.
    private static func next(
        of follower: AuditFollower
    ) async -> Result<(AuditFollower.Step, AuditFollower), AdminError> {
        var follower = follower
        do throws(AdminError) {
            return .success((try await follower.next(), follower))
        } catch {
            return .failure(error)
        }
    }

    private func write(_ events: [AuditEvent], _ log: LogIdentity) throws(CommandFailure) {
        guard !events.isEmpty else { return }
        try Output.data(Array(events.map { format.line($0, of: log) + "\n" }.joined().utf8))
    }

    private static func broken(_ problem: AuditProblem) -> CommandFailure {
        CommandFailure(
            .refused,
            "The log is BROKEN at event \(problem.sequence): \(problem.text). Nothing from there on was written. Run "
                + "“\(Program.name) audit verify”, find out who changed it, and keep the cursor as it is.")
    }
}
