import PostgresClient
import TestDatabase
import Testing

@testable import ConvonetCore

extension TestDatabase {
    /// Runs SQL on the log as somebody who has turned its triggers off.
    func tamper(_ change: String) async throws {
        try await sql(
            """
            ALTER TABLE convonet_admin.audit_event DISABLE TRIGGER ALL;
            ALTER TABLE convonet_admin.audit_head DISABLE TRIGGER ALL;
            \(change);
            """)
    }

    /// Computes every hash anew from this event on, and sets the head: what a forger would do.
    func rewriteChain(from sequence: Int) async throws {
        try await tamper(
            """
            DO $$
            DECLARE event convonet_admin.audit_event; previous bytea;
            BEGIN
                FOR event IN SELECT * FROM convonet_admin.audit_event WHERE sequence >= \(sequence) ORDER BY sequence LOOP
                    SELECT hash INTO previous FROM convonet_admin.audit_event WHERE sequence = event.sequence - 1;
                    event.previous_hash := coalesce(previous, decode(repeat('00', 32), 'hex'));
                    event.hash := convonet_admin.event_hash(event);
                    UPDATE convonet_admin.audit_event SET previous_hash = event.previous_hash, hash = event.hash
                    WHERE sequence = event.sequence;
                END LOOP;
                UPDATE convonet_admin.audit_head SET (sequence, hash) =
                    (SELECT e.sequence, e.hash FROM convonet_admin.audit_event e ORDER BY e.sequence DESC LIMIT 1);
            END
            $$
            """)
    }
}
