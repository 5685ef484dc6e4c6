import ConvonetDatabase

extension MigrationPlan {
    /// What `build` will do, in words.
    mutating func describe(_ request: MigrationRequest, _ found: SchemaInspection, _ roles: RoleNames?) {
        let users = request.usersTable
        if let version = found.installed?.version {
            if version < SchemaVersion.current {
                summary.append("Update the schema convonet_admin from version \(version) to \(SchemaVersion.current).")
                if found.hasSearchIndex, version < 5 {
                    summary.append(
                        "The search index is from an earlier version and can no longer be used. Build it again afterwards, with "
                            + "--search-index. Until then searches read the whole table.")
                }
            } else if found.isViewThere, found.areViewsCurrent, !found.differences.isEmpty {
                summary.append("Restore what differs from what was installed:")
                summary += found.differences.prefix(20).map { "  \($0.isMissing ? "missing" : "not ours"): \($0.line)" }
                if found.differences.count > 20 { summary.append("  and \(found.differences.count - 20) more") }
            }
            if !found.emptied.isEmpty {
                summary.append("Fill tables that have lost their rows: \(found.emptied.joined(separator: ", ")).")
            }
            if request.rebuilds {
                summary.append(
                    "Make all functions, views and rights anew, and believe no row but the log and the policy: links, requests for "
                        + "approval, callers' codes, mail, what could be taken back, and what was noted and is not in the log end, "
                        + "decoys are others, and counts begin anew."
                )
            }
        } else {
            summary.append("Install the schema convonet_admin, version \(SchemaVersion.current), for \(users).")
        }
        if found.installed == nil {
            summary.append(
                "Note for backups: a role that runs pg_dump without owning everything cannot read the new schema. Give it "
                    + "pg_read_all_data (PostgreSQL 14 and later), or leave the schema out with -N convonet_admin and dump it as "
                    + "a role that may: it holds the log.")
        }
        if let roles {
            let missing = roles.all.filter { found.role($0) == nil }
            if !missing.isEmpty {
                summary.append("Create the role\(missing.count > 1 ? "s" : "") \(missing.joined(separator: ", ")).")
            }
            if let note = Self.existingRolesNote(found) { summary.append(note) }
            if let last = found.columnsToGrant.last {
                let columns =
                    (found.columnsToGrant.count > 1
                        ? found.columnsToGrant.dropLast().joined(separator: ", ") + " and " : "") + last
                summary.append("Let \(roles.hand) read \(users) and change \(columns).")
            }
        } else if found.installed == nil {
            summary.append(
                "Install without roles\(request.withoutRoles ? "" : ": \(Self.whyNoRoles(request, found))"). "
                    + "Everything belongs to \(found.currentUser): anyone who signs in as \(found.currentUser), or owns the "
                    + "application's table, can bypass the console and rewrite its log.")
        }
        if !found.areViewsCurrent || found.installed?.version != SchemaVersion.current {
            let names = SchemaScript.viewNames(withTeams: found.table.areTeamsThere)
            summary.append(
                "\(found.isViewThere ? "Update" : "Create") the views \(SchemaScript.list(ofViews: names)).")
        }
    }

    /// Why roles cannot be created, for who did not ask to do without.
    private static func whyNoRoles(_ request: MigrationRequest, _ found: SchemaInspection) -> String {
        found.mayCreateRoles
            ? "\(found.currentUser) does not own \(request.usersTable)" : "\(found.currentUser) may not create roles"
    }
}
