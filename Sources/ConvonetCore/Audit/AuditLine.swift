import FoundationEssentials
import OperatingSystem
import PostgresClient

/// A line for a journal outside the database: that a change is about to be sent, or what became of it. Never a secret.
public enum AuditLine {
    /// Says that a change is about to be sent, so that one without an end can be seen.
    static func intent(_ log: LogIdentity, request: UUID, action: String, account: UUID?, operatorName: String)
        -> String
    {
        line("audit-intent", log, [], request, action, account, operatorName, [])
    }

    /// Says what the new head of the log is.
    static func head(
        _ log: LogIdentity, _ receipt: Receipt, request: UUID, action: String, account: UUID?, operatorName: String
    ) -> String {
        let position = [("sequence", String(receipt.sequence)), ("hash", receipt.hash.hexadecimal)]
        let end = [("outcome", receipt.outcome.rawValue)] + (receipt.rule.map { [("rule", $0)] } ?? [])
        return line("audit-head", log, position, request, action, account, operatorName, end)
    }

    private static func line(
        _ kind: String, _ log: LogIdentity, _ position: [(String, String)], _ request: UUID, _ action: String,
        _ account: UUID?, _ operatorName: String, _ end: [(String, String)]
    ) -> String {
        var words = [("format", "1"), ("database", log.database), ("log", String(log.installedAt.microseconds))]
        words += position
        words += [("request", request.uuidString.lowercased()), ("action", action)]
        if let account { words.append(("account", account.uuidString.lowercased())) }
        words.append(("operator", operatorName))
        return kind + (words + end).map { " \($0)=\(escaped($1))" }.joined()
    }

    /// Every byte but ASCII letters, digits and `._@:/-` as `%` and two digits, so that no name can end a word or a line.
    package static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        return String(
            decoding: text.utf8.flatMap { byte -> [UInt8] in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    [byte]
                case _ where "._@:/-".utf8.contains(byte): [byte]
                default: [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }, as: UTF8.self)
    }
}
