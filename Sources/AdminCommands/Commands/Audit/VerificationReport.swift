import AuditVerification
import ConvonetCore
import FoundationEssentials
import JSONText
import OperatingSystem

/// What a verification found, for people and for programs.
struct VerificationReport {
    var found: AuditLog.Verification
    var checkpoint: AuditAnchor?
    var signer: String?
    var journal: AuditJournal?

    var text: String {
        if let problem = found.problem {
            return (["The log is BROKEN at event \(problem.sequence): \(problem.text)."] + failOver + missing + notes)
                .joined(separator: "\n")
        }
        let extent = found.first == 1 ? "" : " from event \(found.first) on"
        return
            (["Log verified: \(found.events) events\(extent), head \(found.head.hexadecimal)."] + notes
            + limits)
            .joined(separator: "\n")
    }

    var json: JSONObject {
        var object = JSONObject()
        object.add("format", JSONForms.format)
        object.add("ok", found.problem == nil)
        object.add("events", found.events)
        object.add("head", found.head.hexadecimal)
        if found.first > 1 { object.add("first_checked", found.first) }
        if let checkpoint {
            object.add("checkpoint_sequence", checkpoint.sequence)
            object.add("signer", signer)
        }
        if let journal {
            object.add("journal_heads", journal.evidence.anchors.count)
            object.add("open_intents", found.openIntents.count)
        }
        if let problem = found.problem {
            object.add("first_bad_sequence", problem.sequence)
            object.add("problem", problem.text)
            object.add("kind", problem.kind.rawValue)
            object.add("could_be_failover", found.couldBeFailOver)
            object.add("missing", found.missing.map { MissingEvent($0, journal).words })
        }
        return object
    }

    /// What else leaves such a trace, and how to tell the two apart.
    private var failOver: [String] {
        guard found.couldBeFailOver else { return [] }
        return [
            "A failover to a standby that lacked the last events looks the same. Ask the database's administrator if and when "
                + "there was one. If so, the missing events and their changes were lost: check each account, and make the changes "
                + "again. If not, someone removed them."
        ]
    }

    /// What was kept elsewhere and the log does not hold, a line each.
    private var missing: [String] {
        guard !found.missing.isEmpty else { return [] }
        let most = 200
        let more = found.missing.count > most ? ["and \(found.missing.count - most) more; --json lists all."] : []
        return ["Missing from the log:"]
            + found.missing.prefix(most).map { "  " + MissingEvent($0, journal).text } + more
    }

    /// What is worth knowing of the evidence, however it ended.
    private var notes: [String] {
        var notes: [String] = []
        if let checkpoint, signer == nil {
            notes.append(
                "The checkpoint at event \(checkpoint.sequence) is not signed: trust it only as far as the place it was kept."
            )
        }
        guard let journal else { return notes }
        let heads = journal.evidence.anchors.count
        notes.append(
            heads == 0
                ? "The journal has no lines about this log."
                : "The journal names \(heads) heads of this log. Its lines can prove tampering but not rule it out: anyone can write them."
        )
        if found.anchorsPassedOver > 0 {
            notes.append("\(found.anchorsPassedOver) of them come before the first event checked, and were skipped.")
        }
        if !found.openIntents.isEmpty {
            let ids = found.openIntents.map { $0.uuidString.lowercased() }.sorted()
            let more = ids.count > 5 ? " and more" : ""
            notes.append(
                "\(ids.count) announced changes have no event: the database was busy or down, or the change was rolled back. "
                    + "Requests: \(ids.prefix(5).joined(separator: ", "))\(more).")
        }
        if journal.foreignLogs > 0 { notes.append("\(journal.foreignLogs) lines are about other logs.") }
        if journal.malformed > 0 { notes.append("\(journal.malformed) lines look like ours but cannot be read.") }
        return notes
    }

    /// What this could not know; only where nothing was found.
    private var limits: [String] {
        guard let checkpoint else {
            return [
                "Without a checkpoint, a log that was rewritten, or cut off with its head set back, looks the same. "
                    + "See “\(Program.name) audit checkpoint --help”."
            ]
        }
        let proof = "nothing up to event \(checkpoint.sequence) has been rewritten or cut off since the checkpoint."
        return [signer.map { "Signed by \($0): \(proof)" } ?? "If the checkpoint is genuine, \(proof)"]
    }
}
