import FoundationEssentials
import PostgresClient
import SearchText

/// Words that are looked for in the log: a condition on `audit_event`.
///
/// No index serves them. Events are read along their numbers, the newest first, until there are enough; where hardly any match,
/// that is the whole log. Like every reading of the log it is given up after half a minute, and cancelled by the next one.
struct AuditSearch {
    /// What was typed; all must be found, in any order.
    let words: [String]

    /// Folded once for each event, and only where all other conditions hold: the planner leaves subqueries to the end.
    var condition: Statement {
        let all: Statement = words.map(Self.matches).reduce("true") { "\($0) AND \($1)" }
        return """
            EXISTS (SELECT FROM (SELECT \(SearchFold.word) AS search_key FROM (SELECT \(Self.said) AS word OFFSET 0) AS said \
            OFFSET 0) AS folded WHERE \(all))
            """
    }

    /// What of an event is searched as text, with a space before each part.
    private static let said: Statement =
        "concat_ws(' ', '', account_email, account_username, ticket, reason, operator, db_user)"

    /// A number is also a receipt, and an id that of the account, the event or the request: whole, unlike text.
    private static func matches(_ word: String) -> Statement {
        let text = SearchWord(word).isInKey
        if word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(word) {
            return "(\(text) OR sequence = \(number))"
        }
        guard let id = UUID(uuidString: word) else { return text }
        return "(\(text) OR \(id) IN (account_id, event_id, request_id))"
    }
}
