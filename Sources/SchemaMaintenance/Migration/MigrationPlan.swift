import ConvonetDatabase
import ConvonetSchema

/// What `migrate` will do to one database: a summary to read, and the SQL.
public struct MigrationPlan: Equatable, Sendable {
    /// A few lines for the person who decides.
    public var summary: [String]
    /// The statements, in order; to be run in one transaction.
    public var script: String
    /// What is left for somebody else to mend, whether or not there is anything to do here.
    public var notes: [String] = []
    /// Whether there is anything to do.
    public var isEmpty: Bool { script.isEmpty }

    /// Derives the plan from what is there; throws `AdminError` where it cannot be done.
    static func make(_ request: MigrationRequest, _ found: SchemaInspection) throws(AdminError) -> MigrationPlan {
        try checkDatabase(request, found)
        try checkWhatIsInstalled(found)
        let roles = try chosenRoles(request, found)
        try checkRowSecurity(found, roles)
        try checkStrayObjects(found.strayObjects)
        try requireOwnSchema(found, roles)
        try checkTables(found.differences, ownedBy: found.schemaOwner ?? found.currentUser)
        try checkNames(found)
        try requireTables(found.missingTables)
        let schema = SchemaScript(
            users: request.usersTable, roles: roles, found: found,
            refills: request.rebuilds || !found.emptied.isEmpty, rebuilds: request.rebuilds)
        var plan = MigrationPlan(summary: [], script: "")
        let installed = found.installed?.version
        plan.takeDefaultPrivileges(found, roles)
        let isComplete =
            installed == SchemaVersion.current && found.areViewsCurrent && found.differences.isEmpty && !schema.refills
        if !isComplete {
            try plan.checkRights(found, roles)
            plan.describe(request, found, roles)
            plan.keepReaders(found, roles)
            for statement in schema.statements { plan.add(statement) }
        }
        try plan.followLog(request, found, roles)
        try plan.grantRoles(request, found, roles)
        if plan.watchDirectChanges(request, found, roles, isBuilding: !isComplete) || !isComplete {
            for statement in schema.record { plan.add(statement) }
        }
        for statement in try plan.endMemberships(roles, found) { plan.add(statement) }
        plan.notes += found.openPaths.filter { $0.grade == .problem }.map { "\($0.message) \($0.mend ?? "")" }
        if !plan.isEmpty { plan.frame(found, roles) }
        return plan
    }

    private static func checkDatabase(_ request: MigrationRequest, _ found: SchemaInspection) throws(AdminError) {
        guard found.serverVersion >= 130_000 else { throw .serverTooOld(version: found.serverVersion) }
        if let fault = found.schemaFault {
            throw .cannotMigrate(
                "The schema convonet_admin cannot be trusted, and was not read: \(fault). \(SchemaTrust.advice)")
        }
        guard found.table.isThere else { throw .usersTableMissing(request.usersTable.description) }
        guard found.table.missingColumns.isEmpty else {
            throw .usersTableMissing(request.usersTable.description, columns: found.table.missingColumns)
        }
        if !found.table.faults.isEmpty { throw .cannotMigrate(found.table.faults.joined(separator: "\n")) }
        if let version = found.installed?.version, version > SchemaVersion.current {
            throw .schemaNewer(found: version, known: SchemaVersion.current)
        }
        if let table = found.installed?.usersTable, table != request.usersTable.quoted {
            throw .cannotMigrate(
                "The schema is installed for the table \(table). Correct users_table, or uninstall the schema first.")
        }
    }

    /// A schema of our name says what is installed in it. Where it does not, it is dropped only if it cannot hold a log.
    private static func checkWhatIsInstalled(_ found: SchemaInspection) throws(AdminError) {
        guard found.installed == nil, let owner = found.ownerOfName else { return }
        let lost = found.emptied.filter { $0 == "installation" || FirstRows.unique.contains($0) }
        if !lost.isEmpty { throw .cannotMigrate(FirstRows.advice(lost)) }
        if !found.tablesThere.isEmpty {
            throw .cannotMigrate(FirstRows.adviceWithoutInstallation(found.tablesThere))
        }
        throw .cannotMigrate(
            "There is a schema convonet_admin of \(owner) that migrate did not make. Look what is in it and whose it is. If "
                + "nobody needs it, drop it (DROP SCHEMA convonet_admin CASCADE) and run migrate again.")
    }

    /// Nothing of somebody else's may have a name in the schema that is needed.
    private static func checkNames(_ found: SchemaInspection) throws(AdminError) {
        let lost = found.emptied.filter(FirstRows.unique.contains)
        if !lost.isEmpty { throw .cannotMigrate(FirstRows.advice(lost)) }
        guard !found.inTheWay.isEmpty else { return }
        try checkVersion(found)
        throw .cannotMigrate(
            "These have names that this version needs, but are not part of this program: "
                + found.inTheWay.prefix(10).joined(separator: ", ")
                + ". Find out who made it and why, drop it, as its owner or a superuser ("
                + found.inTheWay.prefix(10).map { "DROP \($0);" }.joined(separator: " ") + "), and run migrate again.")
    }

    /// Where all is there that this version adds, nobody's things are in the way: somebody changed what the schema says of itself.
    private static func checkVersion(_ found: SchemaInspection) throws(AdminError) {
        let version = found.installed?.version ?? SchemaVersion.current
        let added = Set(SchemaSource.tables(upTo: SchemaVersion.current))
            .subtracting(SchemaSource.tables(upTo: version)).map { "TABLE convonet_admin.\($0)" }
        guard !added.isEmpty, Set(added).isSubset(of: found.inTheWay) else { return }
        throw .cannotMigrate(
            "The schema convonet_admin says that it has version \(version), but it has the tables of version "
                + "\(SchemaVersion.current). Somebody changed that. As a superuser, run UPDATE convonet_admin.installation SET "
                + "schema_version = \(SchemaVersion.current); and then “convonet-admin migrate --rebuild”.")
    }

    /// What is written goes into tables that were judged, and not into what somebody puts in their place meanwhile.
    private static func requireTables(_ missing: [String]) throws(AdminError) {
        guard !missing.isEmpty else { return }
        throw .cannotMigrate(
            "Tables of convonet_admin are missing: \(missing.joined(separator: ", ")). Find out who removed them and why, restore "
                + "them from a backup as a superuser, and run migrate again.")
    }

    private static func chosenRoles(_ request: MigrationRequest, _ found: SchemaInspection) throws(AdminError)
        -> RoleNames?
    {
        if let installed = found.installed { return try installedRoles(installed, request) }
        if request.withoutRoles { return nil }
        let roles = try RoleNames(prefix: request.rolePrefix)
        // Who may not install at all is told that instead.
        if found.table.mayUse, found.mayCreateSchema { try checkExistingRoles(request, found, roles) }
        guard found.mayCreateRoles, found.table.mayGrant else {
            if request.insistsOnPrefix {
                throw .cannotMigrate(
                    "\(found.currentUser) cannot create the roles. It must own \(request.usersTable) and have CREATEROLE (ALTER "
                        + "ROLE \(QualifiedName.quote(found.currentUser)) CREATEROLE;). Or use --without-roles.")
            }
            return nil
        }
        return roles
    }

    /// What is installed stays as it is; whoever asked for something else by name has to hear that.
    private static func installedRoles(_ installed: SchemaInspection.Installation, _ request: MigrationRequest)
        throws(AdminError) -> RoleNames?
    {
        let isAsAsked =
            installed.rolePrefix == nil
            ? !request.insistsOnPrefix
            : !request.withoutRoles && (!request.insistsOnPrefix || installed.rolePrefix == request.rolePrefix)
        guard isAsAsked else {
            let what = installed.rolePrefix.map { "with the role prefix “\($0)”" } ?? "without roles"
            throw .cannotMigrate(
                "The schema is installed \(what), and migrate cannot change that. Leave out --role-prefix and "
                    + "--without-roles, or uninstall it first (--uninstall).")
        }
        return try installed.rolePrefix.map(RoleNames.init(prefix:))
    }

    mutating func add(_ sql: String) {
        script += sql
        if !script.hasSuffix("\n") { script += "\n" }
    }
}
