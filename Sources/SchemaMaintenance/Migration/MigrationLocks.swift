import ConvonetDatabase

/// Who keeps a migration waiting. It waits for a moment only, since whoever comes after it would wait behind it.
enum MigrationLocks {
    /// What is done within this database, with so much patience. Roles are the whole server's, and others who migrate are waited
    /// for there.
    static func impatient(_ script: String) -> String {
        "SET LOCAL lock_timeout = '5s';\n\(script)\nSET LOCAL lock_timeout TO DEFAULT;\n"
    }

    /// Who holds locks on our tables and views, or on the application's table, with what ends each; nil where nobody does.
    static func text(_ database: Database, on users: QualifiedName?) async -> String? {
        let holders = await LockHolders.find(database, on: users)
        guard !holders.isEmpty else { return nil }
        return "Others hold locks that migrate needs, and it waits for no more than a moment: "
            + holders.map(\.name).joined(separator: "; ")
            + ". Nothing was changed. Wait until they are done and run it again, or "
            + "end them, each as that user or a superuser: " + holders.map(\.end).joined(separator: " ")
    }
}
