import ConvonetDatabase
import PostgresClient

/// A session, or a prepared transaction, that keeps others waiting: what it is called in a message, and what ends it.
struct OtherSession: Equatable, Sendable {
    /// Such as “process 12 of anna (psql)”.
    var name: String
    /// The statement that ends it, for its user or a superuser.
    var end: String

    init(process: Int, user: String, program: String) {
        name = "process \(process) of \(user)" + (program.isEmpty ? "" : " (\(program))")
        end = "SELECT pg_terminate_backend(\(process));"
    }

    init(prepared transaction: String, user: String) {
        name = "the transaction \(QualifiedName.literal(transaction)) of \(user), which is prepared"
        end = "ROLLBACK PREPARED \(QualifiedName.literal(transaction));"
    }

    /// The program that the session `a` of pg_stat_activity claims to be, without what a message could be taken for by it.
    static let program: Statement = """
        left(regexp_replace(coalesce(a.application_name, ''), '[^[:alnum:] _./-]', '?', 'g'), 40)
        """
}
