import ConvonetCore
import ConvonetDatabase
package import PostgresClient

/// The log's head, beside the end that the log has in the same snapshot.
package struct AuditHead: Equatable, Sendable {
    /// The number that it holds.
    package var sequence: Int
    /// The hash that it holds.
    package var hash: [UInt8]
    /// The number of the last event; 0 for an empty log.
    package var last: Int
    /// The hash of the event of its number; nil where there is none.
    package var hashOfEvent: [UInt8]?

    /// Reads it.
    package static let statement: Statement = """
        SELECT h.sequence, h.hash, (SELECT coalesce(max(e.sequence), 0) FROM convonet_admin.audit_event e), \
               (SELECT e.hash FROM convonet_admin.audit_event e WHERE e.sequence = h.sequence ORDER BY e.event_id LIMIT 1) \
        FROM convonet_admin.audit_head h
        """

    /// The head of what ``statement`` gave, or what is wrong with it before any event was looked at.
    package static func read(_ rows: QueryResult) throws -> Result<AuditHead, AuditProblem> {
        let heads = try rows.map { row in
            AuditHead(
                sequence: try row.int(0), hash: try row.bytes(1), last: try row.int(2),
                hashOfEvent: try row.optional(3, row.bytes))
        }
        guard let head = heads.first else { return .failure(AuditProblem(sequence: 1, kind: .headMissing)) }
        guard heads.count == 1 else { return .failure(AuditProblem(sequence: head.sequence, kind: .headWrong)) }
        return .success(head)
    }

    /// What is wrong with the log's end, for whoever has reached an event; nil where nothing is seen yet.
    ///
    /// Events behind the head, and one of its number that is another, were written by somebody's own hand.
    package func problem(for reached: AuditAnchor) -> AuditProblem? {
        if last > sequence || hashOfEvent.map({ $0 != hash }) == true {
            return AuditProblem(sequence: sequence, kind: .headWrong)
        }
        return sequence < reached.sequence
            ? AuditProblem(sequence: reached.sequence, kind: .cutOff, accuser: reached.origin) : nil
    }
}

extension AuditProblem: Error {}
