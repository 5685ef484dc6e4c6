import ConvonetDatabase
import PostgresClient

/// A table whose rows Citus keeps on several servers.
enum DistributedTable {
    /// Why it will not do, with what would; nil for an ordinary table.
    static func fault(_ connection: PostgresConnection, _ users: QualifiedName) async throws -> String? {
        let hasCitus = try await connection.query(
            "SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL", limit: .seconds(30))
        guard try hasCitus.first?.bool(0) == true else { return nil }
        let isDistributed = try await connection.query(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_dist_partition p WHERE p.logicalrelid = \(users.catalogued))",
            limit: .seconds(30))
        guard try isDistributed.first?.bool(0) == true else { return nil }
        return
            "\(users) is distributed by Citus, and a change there cannot lock a person's row and write the log as one. Keep it on one server: "
            + "SELECT undistribute_table(\(QualifiedName.literal(users.quoted)));"
    }
}
