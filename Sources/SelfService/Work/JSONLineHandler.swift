internal import ConvonetCore
internal import Glibc
import JSONText
internal import Logging
import OperatingSystem
internal import PostgresClient

/// Writes each message as one JSON object on one line of standard error.
struct JSONLineHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var object = JSONObject()
        object.add("time", Timestamp.now.rfc3339)
        object.add("level", event.level.rawValue)
        object.add("message", event.message.description)
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            object.add(name, "\(value)")
        }
        let line = Array((object.text + "\n").utf8)
        // One write a line, so that lines of different threads do not mix.
        _ = write(STDERR_FILENO, line, line.count)
    }
}
