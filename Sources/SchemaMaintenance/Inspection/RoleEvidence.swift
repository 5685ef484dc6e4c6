import ConvonetDatabase
import PostgresClient

/// Whose roles an installation has. A row says how their names begin, and whoever may write it could name anybody's: the catalogue
/// has to say the same, by who owns the schema and by who owns the hand's functions.
struct RoleEvidence: Equatable, Sendable {
    /// What the row says.
    var prefix: String?
    /// Who the schema belongs to.
    var owner: String
    /// Whether that is a superuser, as after a restore without owners; it says nothing of the roles.
    var isOfSuperuser: Bool
    /// Whether it is whoever asks.
    var isOwn: Bool
    /// Who else than the owner, and than a superuser, owns functions of the hand.
    var hands: [String]

    static func inspect(_ connection: PostgresConnection, owner: String, says prefix: String?) async throws -> Self {
        let rows = try await connection.query(
            """
            SELECT o.rolsuper, o.rolname = current_user,
                   ARRAY(SELECT DISTINCT h.rolname::text FROM pg_proc p JOIN pg_roles h ON h.oid = p.proowner
                         JOIN pg_namespace n ON n.oid = p.pronamespace
                         WHERE n.nspname = 'convonet_admin' AND p.proname = ANY (\(SchemaHolding.people.functionNames))
                             AND h.oid <> o.oid AND NOT h.rolsuper ORDER BY 1)
            FROM pg_roles o WHERE o.rolname = \(owner)
            """, limit: .seconds(30))
        guard let row = rows.first else { throw PostgresError.unexpectedResult("the schema's owner is unknown") }
        return RoleEvidence(
            prefix: prefix, owner: owner, isOfSuperuser: try row.bool(0), isOwn: try row.bool(1),
            hands: try row.texts(2))
    }

    /// Whether the catalogue alone tells whose they are.
    var isEnough: Bool { prefix == nil || !isOfSuperuser || !hands.isEmpty }

    /// The roles, as the row says it; nil where it works without. Throws where the catalogue says otherwise.
    func roles() throws(AdminError) -> RoleNames? {
        guard let prefix else {
            guard isOwn, hands.isEmpty else { throw contradiction }
            return nil
        }
        let roles = try RoleNames(prefix: prefix)
        guard isOfSuperuser || owner == roles.owner, hands.isEmpty || hands == [roles.hand] else {
            throw contradiction
        }
        return roles
    }

    /// Throws where the hand is another's; that a function has the wrong owner is mended.
    func requireHand(of roles: RoleNames?) throws(AdminError) {
        if let roles, hands.contains(roles.hand) { return }
        if hands.contains(where: { $0.hasSuffix("hand") }) { throw contradiction }
    }

    private var contradiction: AdminError {
        let whose =
            "The schema convonet_admin belongs to \(owner)"
            + (hands.isEmpty ? "" : ", and functions in it to \(hands.joined(separator: ", "))")
        return .cannotMigrate(
            "\(whose), but its table installation says that "
                + (prefix.map { "its roles begin with \($0)" } ?? "it has no roles")
                + ". Somebody changed that: correct it as a superuser (UPDATE convonet_admin.installation SET role_prefix = …), and "
                + "run “convonet-admin doctor”."
                + (prefix == nil && hands.isEmpty ? " If it was installed without roles, run this as \(owner)." : ""))
    }
}
