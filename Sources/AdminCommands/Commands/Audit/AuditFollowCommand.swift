internal import ArgumentParser
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import ProgramStart

struct AuditFollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Write events as they are logged, each verified, until it is stopped.",
        discussion: """
            For another system: a line for each event, oldest first. It stops with exit code 65 where the log's hash chain breaks, \
            and writes nothing more. With --cursor it goes on where it was stopped; events may then come twice, but none is \
            left out of a file. The cursor is a checkpoint, too (“audit verify --checkpoint”). A lost connection is made again.

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
        if cursor?.isEmpty == true { throw ValidationError("--cursor needs the name of a file.") }
        if common.json, format != .jsonl { throw ValidationError("Use either --json or --format \(format.rawValue).") }
    }

    func run() async throws {
        let session = try await patiently { try await common.session() }
        let kept: FollowCursor? = if let cursor { try FollowCursor(path: cursor, log: session.log) } else { nil }
        var follower = AuditFollower(session.audit, after: try kept?.anchor())
        // Before anything is written: what cannot be kept would come again and again.
        try kept?.keep(follower.reached)
        let output = try FeedOutput()
        while true {
            let step = try await patiently { try await follower.next() }
            if !step.events.isEmpty {
                try output.write(
                    Array(step.events.map { format.line($0, of: session.log) + "\n" }.joined().utf8))
                try kept?.keep(follower.reached)
            }
            if let problem = step.problem { throw Self.broken(problem) }
            if step.isAtEnd {
                if once { return }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// What `work` gives, once the database is there again.
    private func patiently<Value>(_ work: () async throws -> Value) async throws -> Value {
        var isLost = false
        while true {
            do {
                let value = try await work()
                if isLost { Output.say("Connected again.") }
                return value
            } catch let error as AdminError where !once && Self.mayPass(error) {
                if !isLost { Output.say("\(error) Trying again until it is there.") }
                isLost = true
                try await Task.sleep(for: .seconds(5))
            }
        }
    }

    /// Whether it may go away by itself: no database, or one that is busy, or short of something. An answer that makes no sense does
    /// not.
    private static func mayPass(_ error: AdminError) -> Bool {
        switch error {
        case .database(.connectionLost), .database(.timedOut): true
        case .database(.cannotConnect): ExitStatus(known: error) == .unavailable
        case .database(.server(let refusal)):
            // Insufficient resources, and what the database's administrator did.
            refusal.sqlState.isTransient || ["53", "57"].contains(refusal.sqlState.code.prefix(2))
        default: false
        }
    }

    private static func broken(_ problem: AuditProblem) -> CommandFailure {
        CommandFailure(
            .refused,
            "The log is BROKEN at event \(problem.sequence): \(problem.text). Nothing more is written. Run "
                + "“\(Program.name) audit verify”, find out who changed it, and keep the cursor as it is.")
    }
}
