import AuditVerification
import ConvonetCore
import OperatingSystem
import ProgramStart
import TerminalKit

/// A checkpoint that was kept, and its signature, checked by ssh-keygen(1).
struct CheckpointFile {
    var path: String
    var signature: Signature?

    /// What proves who signed it.
    struct Signature {
        var path: String
        var allowedSigners: String
        /// The principal in the file of allowed signers; nil for whoever of them signed.
        var signer: String?
        /// The program that checks it: a whole path, or a name in the system's own directories.
        var keygen: String
    }

    /// What a checkpoint says.
    struct Statement {
        /// The head that it names.
        var anchor: AuditAnchor
        /// For whom its signature is good; nil where none was looked at.
        var signer: String?
        fileprivate var text: String
        fileprivate var path: String

        /// Throws where it is about another log: that its events are not there says nothing.
        func check(isAbout log: LogIdentity) throws(CommandFailure) {
            guard AuditCheckpoint.isAbout(log, text) else {
                throw CommandFailure(
                    .refused,
                    "The checkpoint \(path) is of another log than the one in the database “\(log.database)”, or of one that was "
                        + "installed anew since. Verify the database that it was made of.")
            }
        }
    }

    /// What the checkpoint says; throws where it is none, or its signature is not good.
    func read() throws(CommandFailure) -> Statement {
        // Read once: what is parsed here is what the signature is checked of.
        let text = try contents()
        guard let anchor = AuditCheckpoint.anchor(parsing: text) else {
            throw CommandFailure(
                .refused,
                "\(path) is not a checkpoint. Use the unchanged output of “\(Program.name) audit checkpoint”.")
        }
        guard let signature else { return Statement(anchor: anchor, text: text, path: path) }
        // ssh-keygen would wait for the end of a pipe.
        for file in [signature.path, signature.allowedSigners] {
            do { try ReadableFile.check(file) } catch { throw Self.unreadable(file, error) }
        }
        let signer = if let signer = signature.signer { signer } else { try findSigner(signature) }
        let run = try signature.run(
            "verify",
            ["-f", signature.allowedSigners, "-I", signer, "-n", AuditCheckpoint.namespace, "-s", signature.path],
            input: Array(text.utf8))
        guard run.status == 0 else {
            throw CommandFailure(
                .refused,
                "The signature \(signature.path) is not by \(signer) for \(path): do not trust it. "
                    + "ssh-keygen says: \(Self.firstLine(run.output))")
        }
        return Statement(anchor: anchor, signer: signer, text: text, path: path)
    }

    private func findSigner(_ signature: Signature) throws(CommandFailure) -> String {
        let run = try signature.run(
            "find-principals", ["-f", signature.allowedSigners, "-n", AuditCheckpoint.namespace, "-s", signature.path],
            input: [])
        guard run.status == 0, let name = run.output.split(whereSeparator: \.isNewline).first, !name.isEmpty else {
            throw CommandFailure(
                .refused,
                "The signature \(signature.path) is not by anyone in \(signature.allowedSigners): do not trust it. "
                    + "ssh-keygen says: \(Self.firstLine(run.output))")
        }
        return String(name)
    }

    private static func firstLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).first.map { DisplayText.visible(String($0)) } ?? "nothing"
    }

    /// Some lines, whoever wrote them.
    private static let largest = 1 << 16

    private func contents() throws(CommandFailure) -> String {
        do {
            return String(decoding: try ReadableFile.contents(of: path, limit: Self.largest), as: UTF8.self)
        } catch {
            throw Self.unreadable(path, error)
        }
    }

    private static func unreadable(_ path: String, _ problem: FileProblem) -> CommandFailure {
        CommandFailure(.refused, "\(path) cannot be read: \(problem).")
    }
}

extension CheckpointFile.Signature {
    fileprivate func run(_ action: String, _ arguments: [String], input: [UInt8]) throws(CommandFailure) -> ToolRun {
        guard let run = ToolRun([keygen, "-Y", action] + arguments, input: input), run.status != 127 else {
            throw CommandFailure(
                .configuration,
                "\(keygen) cannot be run. Install it (Debian: openssh-client), or set its path as ssh_keygen under "
                    + "[programs] in the settings.")
        }
        return run
    }
}
