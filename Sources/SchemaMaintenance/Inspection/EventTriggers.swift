import ConvonetDatabase
import PostgresClient

/// What a site's event triggers have to do with a step of `migrate` that the server refused.
///
/// Their functions run within each CREATE, ALTER, GRANT and DROP, as whoever does it: the owner's own rights may be in order,
/// and the step fails all the same.
enum EventTriggers {
    /// A missing right, a name that is not there, or RAISE: what the function of such a trigger ends in; or row-level security
    /// that is on again when all is done.
    static func mayRefuse(_ state: SQLState) -> Bool {
        [.insufficientPrivilege, .undefinedTable, .undefinedFunction, .undefinedColumn, "P0001", .rowSecurityTurnedOn]
            .contains(
                state)
    }

    /// What was refused, in words, where event triggers are switched on; nil where none is.
    static func text(_ refusal: ServerError, _ database: Database) async -> String? {
        let triggers = try? await database.rows(
            """
            SELECT format('%I (function %s of %I)', e.evtname, e.evtfoid::regproc, pg_get_userbyid(p.proowner)),
                   format('%I', e.evtname), current_user::text
            FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid
            WHERE e.evtenabled IN ('O', 'A') ORDER BY e.evtname
            """, for: .migrate
        ) { (name: try $0.text(0), quoted: try $0.text(1), user: try $0.text(2)) }
        guard let triggers, let user = triggers.first?.user else { return nil }
        func all(_ state: String) -> String {
            triggers.map { "ALTER EVENT TRIGGER \($0.quoted) \(state);" }.joined(separator: " ")
        }
        let roles = (try? await installedRoles(database)) ?? nil
        let acting = [user] + (roles?.owning ?? [])
        let what =
            refusal.sqlState == .rowSecurityTurnedOn
            ? "Row-level security was turned on for tables of convonet_admin while they were made, and would hide the log from its "
                + "own functions."
            : "The server refused a step (SQLSTATE \(refusal.sqlState))."
        return what
            + (" Event triggers of this database run within each "
                + "step, as whoever does it: \(triggers.map(\.name).joined(separator: ", ")). If \(user) owns the database and its tables, "
                + "one of them is why. Let its function run with its owner's rights (ALTER FUNCTION … SECURITY DEFINER), or "
                + "give what it needs, such as INSERT on its table, to \(acting.joined(separator: ", "))"
                + (roles == nil ? " and to the roles that migrate makes whose names end in owner, hand and reader" : "")
                + ". One that changes every new table must "
                + "leave out those of convonet_admin. Or have a superuser switch it off for the time of the migration: \(all("DISABLE")) and afterwards "
                + "\(all("ENABLE")) Nothing was changed. If \(user) does not own them, run migrate as who does.")
    }

    private static func installedRoles(_ database: Database) async throws -> RoleNames? {
        try await database.transaction(.reading, for: .migrate) {
            try await SchemaTrust.rows(
                of: "SELECT role_prefix FROM convonet_admin.installation", in: ["installation"], $0)
        }?.first
            .flatMap { row in try row.optional(0, row.text) }.map(RoleNames.init(prefix:))
    }
}
