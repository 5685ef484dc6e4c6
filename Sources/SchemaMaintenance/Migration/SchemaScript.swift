import ConvonetCore
import ConvonetDatabase
import ConvonetSchema

/// The SQL that installs the schema, brings it up to date, or mends it: the same for all three, but for the steps that lead
/// from the installed version to this one.
struct SchemaScript {
    let users: QualifiedName
    let roles: RoleNames?
    let found: SchemaInspection
    /// Whether the tables that this version fills are filled again.
    let refills: Bool
    /// Whether nothing is believed that somebody with the owner's rights could have written.
    var rebuilds = false

    /// The views of the application's tables, those first that others read.
    static let viewsOfTables = viewNames(withTeams: true)

    /// The names of those that are made where the application's teams are there, or not.
    static func viewNames(withTeams: Bool) -> [String] {
        SchemaHolding.people.viewNames + (withTeams ? SchemaHolding.neighbours.viewNames : [])
    }

    /// Views by their names in SQL, as a list.
    static func list(ofViews names: [String]) -> String {
        names.map { "convonet_admin.\($0)" }.joined(separator: ", ")
    }

    static let dropViews = "\(SchemaHolding.neighbours.dropViews)\n\(SchemaHolding.people.dropViews)"

    private var installed: Int { found.installed?.version ?? 0 }
    private var owner: String { roles.map(\.owner) ?? found.currentUser }
    private var hand: String { roles.map(\.hand) ?? found.currentUser }
    private var reader: String { roles.map(\.reader) ?? found.currentUser }

    /// Everything, in order; for the session's own user, with the roles that own something within its reach.
    var statements: [String] {
        var list: [String] = []
        if let roles {
            list.append(
                "GRANT \(QualifiedName.quote(roles.name(.viewer))) TO \(QualifiedName.quote(roles.name(.operator)));")
        }
        if found.schemaOwner == nil {
            list.append("CREATE SCHEMA convonet_admin AUTHORIZATION \(QualifiedName.quote(owner));")
        } else {
            if let roles {
                list.append("GRANT USAGE, CREATE ON SCHEMA convonet_admin TO \(QualifiedName.quote(roles.owner));")
            }
            list += [
                open(to: [roles?.hand, roles?.reader].compactMap(\.self)),
                SchemaRights.giveOwnership(
                    to: owner, but: [(SchemaHolding.people, to: hand), (SchemaHolding.neighbours, to: reader)]),
            ]
        }
        if let roles { list += tableRights(roles) }
        list += stepsPart
        list += part(
            .people, of: hand, opening: ["GRANT USAGE ON TYPE convonet_admin.person TO \(QualifiedName.quote(hand));"])
        list += part(.neighbours, of: reader) + functionsPart
        return list
    }

    /// The last of all: writes down what is there.
    var record: [String] {
        acting(as: owner, [InstalledState.record(users: users, roles: roles), SchemaRights.requireNoRowSecurity])
    }

    /// What hand and reader may do with the application's tables; the owner may nothing, also where an earlier version let it, nor
    /// the hand what the reader does.
    private func tableRights(_ roles: RoleNames) -> [String] {
        let (owner, hand, reader) = (
            QualifiedName.quote(roles.owner), QualifiedName.quote(roles.hand), QualifiedName.quote(roles.reader)
        )
        var list = [
            "REVOKE ALL ON \(users.quoted) FROM \(owner), \(hand), \(reader);",
            "GRANT USAGE ON SCHEMA \(QualifiedName.quote(users.schema)) TO \(hand), \(reader);",
            "GRANT SELECT, UPDATE (\(UsersTableInspection.written.joined(separator: ", "))) ON \(users.quoted) TO \(hand);",
        ]
        if found.table.areTeamsThere {
            list += [
                "REVOKE ALL ON \(users.teams.quoted), \(users.memberships.quoted) FROM \(owner), \(hand), \(reader);",
                "GRANT SELECT ON \(users.teams.quoted), \(users.memberships.quoted) TO \(reader);",
            ]
        }
        // The site's own, which says where it is missing; before version 10 it was the hand that read it.
        list.append(
            """
            DO $numbers$ BEGIN
                -- Somebody else's, which may be anything, is not even touched.
                IF EXISTS (SELECT FROM pg_class c JOIN pg_class u ON u.oid = \(QualifiedName.literal(users.quoted))::regclass
                           WHERE c.oid = to_regclass(\(QualifiedName.literal(users.phoneNumbers.quoted)))
                             AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relowner = u.relowner) THEN
                    REVOKE ALL ON \(users.phoneNumbers.quoted) FROM \(hand);
                    GRANT SELECT ON \(users.phoneNumbers.quoted) TO \(reader);
                END IF;
            END $numbers$;
            """)
        return list
    }

    /// Tables and types, as the steps since the installed version make them.
    private var stepsPart: [String] {
        let steps = SchemaSource.steps(from: installed).map(text)
        let columns = installed < SchemaVersion.current ? [PolicyColumns.script] : []
        return acting(as: owner, [SchemaRights.giveBack] + steps + columns + [SchemaRights.dropFunctions])
    }

    /// What belongs to the schema's owner besides: functions, rights, guards, the table of refused PINs.
    private var functionsPart: [String] {
        let functions = SchemaSource.functions.map(text)
        var list = functions.map(SchemaSource.definitions)
        list.append(
            renew(
                [SchemaSource.ownerViews],
                orElse:
                    "DROP VIEW IF EXISTS \(Self.list(ofViews: SchemaSource.viewNames(in: [SchemaSource.ownerViews])));")
        )
        list += [PinnedSettings.script, SchemaRights.takeAll, SchemaRights.enableGuards]
        if roles != nil { list += [text(SchemaSource.grants)] + functions.map(SchemaSource.grants) }
        if installed < SchemaVersion.current || refills {
            list += [
                "DELETE FROM convonet_admin.refused_pin;", GivenRows.refusedPINs,
                "ANALYZE convonet_admin.refused_pin;", GivenRows.operatorSlots,
            ]
        }
        // Versions may tell them otherwise.
        if installed > 0, installed < SchemaVersion.current {
            list += ["LOCK TABLE convonet_admin.audit_head IN EXCLUSIVE MODE;", ToldRows.renewal]
        }
        if installed < SchemaVersion.current { list.append(recordVersion) }
        if rebuilds { list.append(RebuiltRows.statement) }
        return acting(as: owner, list)
    }

    private var recordVersion: String {
        guard found.installed == nil else {
            return """
                UPDATE convonet_admin.installation SET schema_version = \(SchemaVersion.current), serves_from = \(SchemaVersion.servesFrom);
                """
        }
        return """
            INSERT INTO convonet_admin.installation (schema_version, serves_from, users_table, role_prefix)
            VALUES (\(SchemaVersion.current), \(SchemaVersion.servesFrom), \(QualifiedName.literal(users.quoted)), \
            \(roles.map { QualifiedName.literal($0.prefix) } ?? "NULL"));
            """
    }

    /// What belongs to one of the two that read the application's tables. While it is made, and no longer, that may see the schema.
    private func part(_ holding: SchemaHolding, of role: String, opening: [String] = []) -> [String] {
        let isThere = Set(holding.viewNames).isSubset(of: Self.viewNames(withTeams: found.table.areTeamsThere))
        var list = [SchemaRights.giveBack, text(holding.functions)]
        list.append(isThere ? renew(holding.views, orElse: holding.dropViews) : holding.dropViews)
        list += [PinnedSettings.script, SchemaRights.takeAll]
        guard let roles else { return list }
        let groups = RoleNames.Kind.allCases.filter(\.seesAccounts).map { QualifiedName.quote(roles.name($0)) }
            .joined(separator: ", ")
        if isThere { list.append("GRANT SELECT ON \(Self.list(ofViews: holding.viewNames)) TO \(groups);") }
        let functions = holding.functionNames.map { "convonet_admin.\($0)" }.joined(separator: ", ")
        list.append("GRANT EXECUTE ON FUNCTION \(functions) TO \(QualifiedName.quote(roles.owner));")
        let close = "REVOKE ALL ON SCHEMA convonet_admin FROM \(QualifiedName.quote(role));"
        return acting(as: owner, [open(to: [role])] + opening) + acting(as: role, list) + acting(as: owner, [close])
    }

    private func open(to roles: [String]) -> String {
        roles.map { "GRANT USAGE, CREATE ON SCHEMA convonet_admin TO \(QualifiedName.quote($0));" }.joined(
            separator: "\n")
    }

    /// Replaces views where they stand, so that nobody who has made one of their own on them is in the way; where the columns
    /// are others, or of other types by now, that cannot be.
    private func renew(_ views: [[UInt8]], orElse drop: String) -> String {
        let create = views.map(text).joined(separator: "\n")
        return """
            DO $$ BEGIN
            \(create)
            EXCEPTION WHEN invalid_table_definition THEN
            \(drop)
            \(create)
            END $$;
            """
    }

    private func text(_ file: [UInt8]) -> String { SchemaSource.text(file, users: users, roles: roles) }

    private func acting(as role: String, _ statements: [String]) -> [String] {
        guard roles != nil else { return statements }
        return ["SET LOCAL ROLE \(QualifiedName.quote(role));"] + statements + [found.backToCurrentUser]
    }
}

extension SchemaInspection {
    /// Ends acting as another role. By name: NONE would be the session's user, who may have become this one by SET ROLE.
    var backToCurrentUser: String { "SET LOCAL ROLE \(QualifiedName.quote(currentUser));" }
}

extension MigrationPlan {
    /// Makes the roles that are missing, and puts the whole within a membership in those that own something, which ends with it.
    mutating func frame(_ found: SchemaInspection, _ roles: RoleNames?) {
        let body = script
        script = ""
        // As the program itself has it: psql, which may run what is printed, need not.
        add("SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL quote_all_identifiers = off;")
        guard let roles else { return add(MigrationLocks.impatient(body)) }
        // Whoever makes the roles is to be in none of them, whatever the database's owner set (PostgreSQL 16 and later).
        add(
            "SELECT set_config(s.name, '', true) FROM pg_settings s WHERE s.name = 'createrole_self_grant' AND s.setting <> '';"
        )
        for role in roles.all where found.role(role) == nil { add("CREATE ROLE \(QualifiedName.quote(role)) NOLOGIN;") }
        if !found.isSuperuser { add(OwnerAccess.script(joining: roles.owning)) }
        add(MigrationLocks.impatient(body))
        if !found.isSuperuser { add(OwnerAccess.script(leaving: roles.owning)) }
        add(OwnerAccess.requireNoMembers(of: roles.owning))
    }
}
