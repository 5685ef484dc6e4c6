package import PostgresClient

/// The triggers that keep the log as it was written, by which its tables are known, too, whatever they are called by now.
package enum LogGuards {
    /// Table, name, function and kind of each, as a list of rows in SQL. 58 is before UPDATE, DELETE or TRUNCATE, 42 before DELETE
    /// or TRUNCATE, 19 before UPDATE of each row (pg_trigger.h).
    package static let all: Statement = """
        ('audit_event', 'append_only', 'refuse_change', 58), ('audit_head', 'append_only', 'refuse_change', 42), \
        ('audit_head', 'moves_on', 'check_head', 19)
        """
}
