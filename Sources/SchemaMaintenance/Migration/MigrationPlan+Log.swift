import ConvonetDatabase
import ConvonetSchema

extension MigrationPlan {
    /// Lets the log's head follow its events, and what is kept beside them, where that was asked for. Nobody is to do so by the way: somebody may have added
    /// those events, and whoever follows them says that they are the log.
    mutating func followLog(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?)
        throws(AdminError)
    {
        // Who asks for it hears that they may not look, and not that there is nothing to do.
        if request.followsLog, found.installed != nil, found.logEnd == nil { throw .notPermitted(.migrate) }
        var script = ""
        if let end = found.logEnd, let fault = end.fault {
            // What the log lost it cannot tell.
            guard end.isBehind else { return notes.append("\(fault.message) \(fault.mend)") }
            guard request.followsLog else { throw .cannotMigrate("\(fault.message) \(fault.mend)") }
            summary.append("Let the log's head follow its events, from event \(end.head) to event \(end.newest).")
            script += LogEnd.follow + "\n"
        }
        if let fault = found.toldRows?.fault, !request.followsLog { notes.append("\(fault.message) \(fault.mend)") }
        guard request.followsLog, found.toldRows?.fault != nil || !script.isEmpty else { return }
        summary.append("Make anew of the log since when tokens count, and who is frozen.")
        if let roles { add("SET LOCAL ROLE \(QualifiedName.quote(roles.owner));") }
        add(script + "LOCK TABLE convonet_admin.audit_head IN EXCLUSIVE MODE;\n" + ToldRows.renewal)
        if roles != nil { add(found.backToCurrentUser) }
    }
}
