internal import ArgumentParser
import ConvonetCore
internal import JSONText

/// Writes events of the log, oldest first.
struct AuditExport {
    /// How each event is written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl, csv
    }

    /// What was written.
    struct Summary {
        var events: Int
        /// The number of the newest event when it began: up to there the log was looked at.
        var newest: Int
    }

    var format = Format.jsonl
    var selection = AuditSelection()
    /// Whether CSV begins with the mark by which Excel knows UTF-8.
    var hasByteOrderMark = false

    func write(_ log: AuditLog, to sink: DataSink) async throws -> Summary {
        let line = ProgressLine("Exporting")
        defer { line.clear() }
        var count = 0
        if format == .csv { try sink.write((hasByteOrderMark ? AuditCSV.byteOrderMark : "") + AuditCSV.header) }
        var walk = try await log.walk(matching: selection)
        while let events = try await walk.next() {
            for event in events { try sink.write(format == .csv ? AuditCSV.record(event) : event.json.text + "\n") }
            count += events.count
            line.show(walk.position, of: walk.end)
        }
        try sink.finish()
        return Summary(events: count, newest: walk.end)
    }
}
