import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// What `migrate` wrote down about itself.
    struct Installation: Equatable, Sendable {
        /// What it counts as for this program.
        var version: Int
        /// Whether a newer one made it, which says what it should be like.
        var isNewer: Bool
        var usersTable: QualifiedName
        var roles: RoleNames?
        var isViewThere: Bool
    }

    /// The rights of whoever asks are such that others could want them.
    private struct NotForAsker: Error {
        var reason: String
    }

    func installation() async -> (Installation?, [Finding]) {
        do {
            let (installation, there) = try await pool.transaction(.reading) {
                (try await Self.readInstallation($0), try await FirstRows.tablesThere($0))
            }
            guard let installation else {
                guard there.isEmpty else { return (nil, [Self.forgotten(there)]) }
                return (
                    nil,
                    [
                        Finding(
                            "schema", .problem, "The schema convonet_admin is not installed.",
                            mend: "Run “convonet-admin migrate” as the database's owner.")
                    ]
                )
            }
            return (installation, Self.schema(installation))
        } catch PostgresError.server(let refusal) where refusal.sqlState == .insufficientPrivilege {
            if await servesAlone() { return (nil, [Self.selfService]) }
            return (
                nil,
                [
                    Finding(
                        "schema", .problem, "The schema convonet_admin is installed, but this user may not use it.",
                        mend:
                            "Ask the database's owner to run “convonet-admin migrate --grant-operator NAME” (or --grant-viewer)."
                    )
                ]
            )
        } catch let refused as NotForAsker {
            return (
                nil,
                [
                    Finding(
                        "schema", .warning, "The schema convonet_admin was not read: \(refused.reason).",
                        mend: "Run doctor as such a user.")
                ]
            )
        } catch PostgresError.server(let refusal) where refusal.sqlState == .lockNotAvailable {
            return (nil, [await locked("schema")])
        } catch AdminError.schemaNotTrusted(let reason) {
            return (
                nil,
                [
                    Finding(
                        "schema", .problem,
                        "The schema convonet_admin cannot be trusted, and was not read: \(reason).",
                        mend: SchemaTrust.advice)
                ]
            )
        } catch {
            return (nil, [Self.unchecked("schema", error)])
        }
    }

    /// An installation that no longer says what it is.
    private static func forgotten(_ there: [String]) -> Finding {
        Finding(
            "schema", .problem, "The schema convonet_admin does not say what was installed in it.",
            mend: there.contains("installation")
                ? FirstRows.advice(["installation"]) : FirstRows.adviceWithoutInstallation(there))
    }

    /// The role that reads and changes people, whether or not this user may read the schema that says so.
    func hand(_ installation: Installation?) async -> String? {
        if let installation { return installation.roles?.hand }
        return try? await pool.transaction(.reading) { connection in
            guard case .present = try await SchemaTrust.look(connection) else { return nil }
            return try await connection.query(
                """
                SELECT pg_get_userbyid(p.proowner)::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname = 'convonet_admin' AND p.proname = 'hand_read' LIMIT 1
                """, limit: .seconds(10)
            ).first?.text(0)
        }
    }

    /// Whether this user may do what self-service does, and nothing else.
    private func servesAlone() async -> Bool {
        let rows = try? await pool.query(
            """
            SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'convonet_admin' AND p.proname LIKE 'self\\_%' AND has_schema_privilege(n.oid, 'USAGE')
            AND has_function_privilege(p.oid, 'EXECUTE') LIMIT 1
            """, limit: .seconds(10))
        return rows?.isEmpty == false
    }

    private static let selfService = Finding(
        "schema",
        "This user serves self-service and may do nothing else. Check that with “convonet-self-service --check”, and the rest "
            + "by doctor as an operator.")

    private static func readInstallation(_ connection: PostgresConnection) async throws -> Installation? {
        let found = try await SchemaTrust.look(connection, reading: ["installation"])
        if found == .absent { return nil }
        if case .notForAsker(let reason) = found { throw NotForAsker(reason: reason) }
        let readable = try found.reading()
        let there = try await connection.query(
            """
            SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'accounts' AND relnamespace = n.oid) FROM pg_namespace n
            WHERE n.nspname = 'convonet_admin'
            """, limit: .seconds(10))
        guard let schema = there.first else { return nil }
        let rows = try await readable.query(
            """
            SELECT \(SchemaVersion.regarded), users_table, role_prefix, schema_version > \(SchemaVersion.current)::integer
            FROM convonet_admin.installation i
            """, of: ["installation"], connection, limit: .seconds(10))
        guard let row = rows.first else { return nil }
        return Installation(
            version: try row.int(0), isNewer: try row.bool(3), usersTable: try QualifiedName(parsing: try row.text(1)),
            roles: try row.optional(2, row.text).map { try RoleNames(prefix: $0) }, isViewThere: try schema.bool(0))
    }

    private static func schema(_ installation: Installation) -> [Finding] {
        let needed = SchemaVersion.current
        var found: [Finding] = []
        if installation.version < needed {
            found.append(
                Finding(
                    "schema", .problem,
                    "The schema has version \(installation.version), but this program needs version \(needed).",
                    mend: "Run “convonet-admin migrate”."))
        } else if installation.version > needed {
            found.append(
                Finding(
                    "schema", .problem,
                    "The schema has version \(installation.version), but this program supports only version \(needed).",
                    mend: "Install a newer convonet-admin."))
        } else if !installation.isViewThere {
            found.append(
                Finding(
                    "schema", .problem, "The console's views were removed by “migrate --detach”.",
                    mend: "Run “convonet-admin migrate” to restore them."))
        } else {
            found.append(Finding("schema", "Version \(needed), for the table \(installation.usersTable)."))
        }
        if installation.roles == nil {
            found.append(
                Finding(
                    "roles", .warning,
                    "Installed without roles: anyone who owns the application's table or signs in as its user can bypass the "
                        + "console, read the links that are sent, and rewrite the log unnoticed.",
                    mend:
                        "If you can create roles: export the log, uninstall, and run migrate as a user with CREATEROLE."
                ))
        }
        return found
    }

    /// Whether the log's own guards stand, and nobody but its roles may call its functions.
    static func logGuards(_ connection: PostgresConnection) async throws -> [Finding] {
        let rows = try await connection.query(
            """
            SELECT (SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
                    WHERE c.relnamespace = 'convonet_admin'::regnamespace AND t.tgenabled = 'A'
                    AND (c.relname, t.tgname, p.proname, t.tgtype) IN (\(LogGuards.all))),
                   (SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'convonet_admin'::regnamespace
                    AND has_function_privilege('public', p.oid, 'EXECUTE')),
                   ARRAY(SELECT DISTINCT pg_get_userbyid(c.relowner)::text FROM pg_class c
                         WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relname IN ('audit_event', 'audit_head')
                         ORDER BY 1),
                   (SELECT bool_or(r.rolsuper) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
                    WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relname IN ('audit_event', 'audit_head'))
            """, limit: .seconds(10))
        guard let row = rows.first else { return [] }
        let owners = try row.texts(2).joined(separator: ", ")
        var found: [Finding] = []
        if try row.int(0) < 3 {
            found.append(
                Finding(
                    "log-guards", .problem,
                    "Triggers that keep the log append-only are off or missing: someone removed them.",
                    mend: "Find out who and why, run “convonet-admin audit verify” with a checkpoint, then "
                        + "“convonet-admin migrate”, which restores them."
                ))
        }
        if try row.int(1) > 0 {
            found.append(
                Finding(
                    "log-guards", .problem, "Everyone may run functions of the schema convonet_admin.",
                    mend: "Find out who granted this. “convonet-admin migrate” revokes it."))
        }
        if try row.bool(3) {
            found.append(
                Finding(
                    "log-guards", .problem,
                    "The log belongs to the superuser \(owners): the application's triggers run with its rights.",
                    mend: "Export the log, uninstall, and run migrate as the database's owner."))
        }
        return found.isEmpty ? [Finding("log-guards", "The log is append-only and belongs to \(owners).")] : found
    }
}
