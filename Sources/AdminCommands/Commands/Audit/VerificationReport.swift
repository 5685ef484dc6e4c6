import ConvonetCore
import FoundationEssentials

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
        let extent = found.first == 1 ? "" : ", from event \(found.first) on"
        return
            (["The log holds together: \(found.events) events\(extent), head \(found.head.hexadecimal)."] + notes
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
            "A fail-over to a standby that lacked the last events leaves the same trace: what was acknowledged is gone, the "
                + "log goes on from before, and holds together. Ask whoever runs the database whether and when there was one. "
                + "If so, what is missing was made and then lost, with its changes: look at each account and make them "
                + "again. If not, somebody removed it."
        ]
    }

    /// What was kept elsewhere and the log does not hold, a line each.
    private var missing: [String] {
        guard !found.missing.isEmpty else { return [] }
        let most = 200
        let more = found.missing.count > most ? ["and \(found.missing.count - most) others; --json lists all."] : []
        return ["Missing in the log, by what was kept elsewhere:"]
            + found.missing.prefix(most).map { "  " + MissingEvent($0, journal).text } + more
    }

    /// What is worth knowing of the evidence, however it ended.
    private var notes: [String] {
        var notes: [String] = []
        if let checkpoint, signer == nil {
            notes.append(
                "The checkpoint at event \(checkpoint.sequence) is not signed: it proves as much as the place where it was kept."
            )
        }
        guard let journal else { return notes }
        let heads = journal.evidence.anchors.count
        notes.append(
            heads == 0
                ? "The journal has no line about this log."
                : "The journal names \(heads) heads of this log. Its lines can accuse, never clear: anybody may write them."
        )
        if found.anchorsPassedOver > 0 {
            notes.append("\(found.anchorsPassedOver) of them lie before the first event and were not looked at.")
        }
        if !found.openIntents.isEmpty {
            let ids = found.openIntents.map { $0.uuidString.lowercased() }.sorted()
            let more = ids.count > 5 ? " and others" : ""
            notes.append(
                "\(ids.count) intents have no event: the database was busy or gone, or the change was rolled back. "
                    + "Requests \(ids.prefix(5).joined(separator: ", "))\(more).")
        }
        if journal.foreignLogs > 0 { notes.append("\(journal.foreignLogs) lines are about other logs.") }
        if journal.malformed > 0 { notes.append("\(journal.malformed) lines begin like ours and cannot be read.") }
        return notes
    }

    /// What this could not know; only where nothing was found.
    private var limits: [String] {
        guard let checkpoint else {
            return [
                "Without a checkpoint it cannot be known whether everything was rewritten, or the end cut off and the head "
                    + "set back. See “\(Program.name) audit checkpoint --help”."
            ]
        }
        let proof = "nothing up to event \(checkpoint.sequence) was rewritten or cut off since the checkpoint was made."
        return [signer.map { "Signed by \($0): \(proof)" } ?? "If it is genuine, \(proof)"]
    }
}
