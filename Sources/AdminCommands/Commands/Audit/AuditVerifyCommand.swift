internal import ArgumentParser
import ConvonetCore
import PostgresClient
import ProgramStart

struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Recomputes the log's chain and says where it breaks first.",
        discussion: """
            Finds edited, missing, re-ordered and replaced events, a cut end and a wrong head. A chain without a key \
            cannot show that everything was rewritten, or that its end was cut off and the head set back: a checkpoint \
            shows both for all that lies before it. Lines of the journal, which anybody may write, can accuse, never clear.

            Example: \(Program.name) audit verify --checkpoint head.txt --signature head.txt.sig \\
                         --allowed-signers signers --signer auditor@example.org
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Begin with this event, or with the first of this time (2026-01-31, 7d), and its link to the one before.",
            valueName: "sequence|time"))
    var since: String?
    @Option(
        name: .long, help: ArgumentHelp("A statement that “audit checkpoint” printed.", valueName: "file"),
        completion: .file())
    var checkpoint: String?
    @Option(
        name: .long, help: ArgumentHelp("Its signature, by ssh-keygen -Y sign.", valueName: "file"), completion: .file()
    )
    var signature: String?
    @Option(
        name: .customLong("allowed-signers"),
        help: ArgumentHelp("Whose signature counts; see ssh-keygen(1).", valueName: "file"),
        completion: .file())
    var allowedSigners: String?
    @Option(name: .long, help: ArgumentHelp("Who must have signed it; else any of the allowed.", valueName: "name"))
    var signer: String?
    @Option(
        name: .long, help: ArgumentHelp("Lines of the system's log; - is standard input.", valueName: "file"),
        completion: .file())
    var journal: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if signature != nil, checkpoint == nil { throw ValidationError("--signature goes with --checkpoint.") }
        if (signature == nil) != (allowedSigners == nil) {
            throw ValidationError("--signature and --allowed-signers go together.")
        }
        if signer != nil, signature == nil { throw ValidationError("--signer goes with --signature.") }
        if since != nil, checkpoint != nil {
            throw ValidationError("--since and --checkpoint exclude each other: a checkpoint is about all before it.")
        }
        if since != nil, start(now: .now) == nil {
            throw ValidationError("--since takes an event's number, 2026-01-31, or 7d.")
        }
    }

    func run() async throws {
        // The files first: what is wrong with them need not wait for the log.
        let kept = try checkpointFile()?.read()
        let journalFile = try journal.map { try JournalFile($0) }
        let session = try await common.session()
        let lines = try journalFile?.read(session.log)
        var evidence = lines?.evidence ?? AuditLog.Evidence()
        if let kept { evidence.anchors.append(kept.anchor) }
        let progress = ProgressLine("Verifying", isWanted: !common.json)
        defer { progress.clear() }
        let found = try await session.audit.verify(
            from: start(now: session.clock.now) ?? .beginning, against: evidence, progress: progress.show)
        progress.clear()
        let report = VerificationReport(found: found, checkpoint: kept?.anchor, signer: kept?.signer, journal: lines)
        if common.json {
            try Output.data(report.json.text)
        } else {
            try Output.line(report.text)
        }
        if found.problem != nil { throw CommandFailure.silent(.refused) }
    }

    private func start(now: Timestamp) -> AuditLog.Start? {
        guard let since else { return nil }
        if let number = Int(since) { return number > 0 ? .sequence(number) : nil }
        return MomentText(parsing: since).map { .time($0.beginning(now: now)) }
    }

    private func checkpointFile() throws -> CheckpointFile? {
        guard let checkpoint else { return nil }
        var file = CheckpointFile(path: checkpoint)
        if let signature, let allowedSigners {
            file.signature = CheckpointFile.Signature(
                path: signature, allowedSigners: allowedSigners, signer: signer, keygen: try common.settings().sshKeygen
            )
        }
        return file
    }
}
