import FoundationEssentials
import PostgresClient

/// Of what most accounts have none of, whether one has any: links, approvals, changes to take back, codes, a temporary password.
struct AccountMarks {
    /// In this order; all where it is not known.
    private(set) var hasAny = [true, true, true, true, true]

    init(_ answer: Result<QueryResult, PostgresError>?) {
        guard let row = (try? answer?.get())?.first,
            let marks = try? hasAny.indices.map({ try row.bool($0) })
        else { return }
        hasAny = marks
    }

    static func statement(_ id: UUID) -> Statement {
        """
        SELECT has_links, has_approvals, has_undoable, has_codes, has_temporary_password \
        FROM convonet_admin.account_marks(\(id))
        """
    }
}
