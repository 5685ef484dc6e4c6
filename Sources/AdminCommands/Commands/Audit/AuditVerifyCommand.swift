internal import ArgumentParser
import AuditVerification
import ConvonetCore
internal import ConvonetDatabase
internal import JSONText
import OperatingSystem
import PostgresClient
import ProgramStart

struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify the log's hash chain and show where it first breaks.",
        discussion: """
            Finds edited, missing, reordered and replaced events, a cut-off end and a wrong head. A rewritten log, or one \
            cut off with its head set back, shows only against a checkpoint, and only before it. Journal lines can prove \
            tampering but never rule it out: anyone can write them.

            Example: \(Program.name) audit verify --checkpoint head.txt \\
                         --signature head.txt.sig --allowed-signers signers
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Start at this event, or at this time (2026-01-31, 7d).",
            valueName: "sequence|time"))
    var since: String?
    @Option(
        name: .long, help: ArgumentHelp("Checkpoint to verify against, from “audit checkpoint”.", valueName: "file"),
        completion: .file())
    var checkpoint: String?
    @Option(
        name: .long, help: ArgumentHelp("Signature of the checkpoint, from “ssh-keygen -Y sign”.", valueName: "file"),
        completion: .file()
    )
    var signature: String?
    @Option(
        name: .customLong("allowed-signers"),
        help: ArgumentHelp("Allowed signers file; see ssh-keygen(1).", valueName: "file"),
        completion: .file())
    var allowedSigners: String?
    @Option(name: .long, help: ArgumentHelp("Required signer; default: any allowed signer.", valueName: "name"))
    var signer: String?
    @Option(
        name: .long, help: ArgumentHelp("System log lines to verify against; - for standard input.", valueName: "file"),
        completion: .file())
    var journal: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if signature != nil, checkpoint == nil { throw ValidationError("--signature needs --checkpoint.") }
        if (signature == nil) != (allowedSigners == nil) {
            throw ValidationError("Use --signature and --allowed-signers together.")
        }
        if signer != nil, signature == nil { throw ValidationError("--signer needs --signature.") }
        if since != nil, checkpoint != nil {
            throw ValidationError("Use either --since or --checkpoint: a checkpoint covers everything before it.")
        }
        if since != nil, start(now: .now) == nil {
            throw ValidationError("--since must be an event number or a time, such as 42, 2026-01-31 or 7d.")
        }
    }

    func run() async throws {
        // The files first: what is wrong with them need not wait for the log.
        let kept = try checkpointFile()?.read()
        let journalFile = try journal.map { try JournalFile($0) }
        let session = try await common.session()
        try kept?.check(isAbout: session.log)
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
