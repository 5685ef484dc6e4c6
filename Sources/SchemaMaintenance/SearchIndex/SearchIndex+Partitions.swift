import ConvonetDatabase

/// The index of a partitioned table: PostgreSQL builds none there while the application writes, but one on each partition,
/// and these become one when they are attached.
extension SearchIndex {
    /// What takes the index away, each to be sent on its own.
    static func drops(_ found: SearchIndexInspection) -> [String] {
        guard !found.parts.isEmpty else { return [dropScript(found.table)] }
        // That of the table takes along those that are attached to it, and waits for the application for no more than a moment.
        let whole = "SET lock_timeout = '5s'; DROP INDEX IF EXISTS \(found.parts[0].quotedIndex); SET lock_timeout = 0;"
        return [whole]
            + found.parts.dropFirst().filter { !$0.isForeign }.map { part in
                "DROP INDEX \(part.isLeaf ? "CONCURRENTLY " : "")IF EXISTS \(part.quotedIndex);"
            }
    }

    static func addParts(_ found: SearchIndexInspection, to plan: Plan) throws(AdminError) -> Plan {
        if let foreign = found.parts.first(where: \.isForeign) {
            throw .cannotMigrate(
                "\(foreign.name), a partition of \(found.table), is on another server, which PostgreSQL cannot index. "
                    + "Search works without the index, by reading the table.")
        }
        var plan = plan
        let leaves = found.parts.count(where: \.isLeaf)
        plan.summary.append(
            "The table is partitioned: build a piece on each of its \(leaves) partitions, then join them. Partitions created "
                + "later get theirs automatically.")
        // The upper ones hold nothing, and keep those who write waiting for a moment; not behind a lock that lasts.
        for part in found.parts where !part.isLeaf {
            plan.statements.append("SET lock_timeout = '5s';")
            plan.statements.append(create(part.indexName, on: "ONLY \(part.name.quoted)", ""))
            plan.statements.append("SET lock_timeout = 0;")
        }
        for part in found.parts where part.isLeaf {
            plan.statements.append(create(part.indexName, on: part.name.quoted, "CONCURRENTLY "))
            plan.statements.append(withoutStatistics(part.quotedIndex))
        }
        for part in found.parts.reversed() {
            guard let parent = found.parts.first(where: { $0.oid == part.parent }) else { continue }
            plan.statements.append("ALTER INDEX \(parent.quotedIndex) ATTACH PARTITION \(part.quotedIndex);")
        }
        return plan
    }
}
