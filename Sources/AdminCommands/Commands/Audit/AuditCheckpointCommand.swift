internal import ArgumentParser
import AuditVerification
import ConvonetCore
import JSONText
import OperatingSystem
import PostgresClient
import ProgramStart

struct AuditCheckpointCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Verify the log and print a checkpoint of its head, to be signed.",
        discussion: """
            Sign it, and keep both files away from the database server. “audit verify --checkpoint” later checks the log against it.

            Example: \(Program.name) audit checkpoint > head.txt
                     ssh-keygen -Y sign -f ~/.ssh/id_ed25519 -n \(AuditCheckpoint.namespace) head.txt
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let session = try await common.session()
        let line = ProgressLine("Verifying")
        defer { line.clear() }
        let found = try await session.audit.verify(progress: line.show)
        line.clear()
        if let problem = found.problem {
            throw CommandFailure(
                .refused, "The log is BROKEN at event \(problem.sequence): \(problem.text). No checkpoint was made."
            )
        }
        guard let hash = AuditHash(found.head) else {
            throw CommandFailure(.refused, "The log's head is not a hash. Run “\(Program.name) audit verify”.")
        }
        let checkpoint = AuditCheckpoint(
            log: session.log, sequence: found.headSequence, hash: hash, madeAt: found.time)
        guard common.json else { return try Output.data(String(checkpoint.text.dropLast())) }
        var object = JSONObject()
        object.add("format", JSONForms.format)
        object.add("database", checkpoint.log.database)
        object.add("log", String(checkpoint.log.installedAt.microseconds))
        object.add("sequence", checkpoint.sequence)
        object.add("hash", checkpoint.hash.hexadecimal)
        object.add("time", checkpoint.madeAt.rfc3339)
        try Output.data(object.text)
    }
}
