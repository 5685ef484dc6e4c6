import ConvonetDatabase
import ConvonetSchema

extension MigrationPlan {
    /// Lets the log's head follow its events, where that was asked for. Nobody is to do so by the way: somebody may have added
    /// those events, and whoever follows them says that they are the log.
    mutating func followLog(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?)
        throws(AdminError)
    {
        // Who asks for it hears that they may not look, and not that there is nothing to do.
        if request.followsLog, found.installed != nil, found.logEnd == nil { throw .notPermitted(.migrate) }
        guard let end = found.logEnd, let fault = end.fault else { return }
        guard end.isBehind else { return notes.append("\(fault.message) \(fault.mend)") }
        guard request.followsLog else { throw .cannotMigrate("\(fault.message) \(fault.mend)") }
        summary.append("Let the log's head follow its events, from event \(end.head) to event \(end.newest).")
        if let roles { add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));") }
        add(LogEnd.follow)
        if roles != nil { add(found.backToCurrentUser) }
    }
}
