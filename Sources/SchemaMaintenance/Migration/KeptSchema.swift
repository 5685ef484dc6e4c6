import ConvonetDatabase
import PostgresClient

/// The schema for whoever maintains it: judged, and kept as it is from before that until the transaction ends, since what is
/// read and written then has the owner's rights, or a superuser's.
enum KeptSchema {
    /// Does something to the schema, in one transaction and alone: who else maintains it waits for a moment. What came of two at
    /// once is tried again.
    static func change<Value: Sendable>(
        _ database: Database, on users: QualifiedName? = nil,
        dropping dropped: [Dependents.Dropped] = [.functions, .views, .altered],
        _ body: @Sendable (PostgresConnection, SchemaTrust) async throws -> Value
    ) async throws(AdminError) -> Value {
        try await transaction(database, on: users, dropping: dropped, lasts: true, body)
    }

    /// The same where nothing is to be left of it.
    static func read<Value: Sendable>(
        _ database: Database, on users: QualifiedName? = nil,
        _ body: @Sendable (PostgresConnection, SchemaTrust) async throws -> Value
    ) async throws(AdminError) -> Value {
        try await transaction(database, on: users, dropping: [], lasts: false, body)
    }

    private static func transaction<Value: Sendable>(
        _ database: Database, on users: QualifiedName?, dropping dropped: [Dependents.Dropped], lasts: Bool,
        _ body: @Sendable (PostgresConnection, SchemaTrust) async throws -> Value
    ) async throws(AdminError) -> Value {
        var tries = 0
        while true {
            do throws(AdminError) {
                return try await once(database, on: users, dropping: dropped, lasts: lasts, body)
            } catch .database(.server(let refusal))
                where RefusedStep.isOvertaken(refusal.sqlState) || refusal.sqlState == .lockNotAvailable
            {
                tries += 1
                guard tries > 5 else { continue }
                throw await RefusedStep(refusal: refusal).explanation(database, on: users, dropping: dropped)
            } catch {
                throw error.leavingOpen(.migrate) ?? error
            }
        }
    }

    /// The end of a transaction that is to leave nothing.
    private struct Undone<Value: Sendable>: Error {
        var value: Value
    }

    private static func once<Value: Sendable>(
        _ database: Database, on users: QualifiedName?, dropping dropped: [Dependents.Dropped], lasts: Bool,
        _ body: @Sendable (PostgresConnection, SchemaTrust) async throws -> Value
    ) async throws(AdminError) -> Value {
        try await database.translating(.migrate) {
            do {
                return try await database.pool.transaction(.readCommitted) { connection in
                    let schema = try await RefusedStep.noting(butLocks: true) { try await look(connection) }
                    let value = try await RefusedStep.noting { try await body(connection, schema) }
                    guard lasts else { throw Undone(value: value) }
                    return value
                }
            } catch let undone as Undone<Value> {
                return undone.value
            } catch let refused as RefusedStep {
                throw await refused.explanation(database, on: users, dropping: dropped)
            }
        }
    }

    /// Looks at the schema having locked its tables, with the owner's rights where they are needed for that. Who cannot have
    /// them, and may read what is installed, reads it as anybody does who maintains nothing.
    private static func look(_ connection: PostgresConnection) async throws -> SchemaTrust {
        if let fault = try await ActingRole.fault(connection) {
            throw AdminError.cannotMigrate("\(fault.message) \(fault.mend)")
        }
        let found = try await SchemaTrust.look(connection)
        guard case .present(let schema) = found else { return found }
        let access = try await OwnerAccess.found(to: schema.owner, connection)
        switch access.way {
        case .superuser: return try await SchemaTrust.look(connection, reading: nil)
        case .own: try await keep(connection)
        case .byJoining:
            try await OwnerAccess.joining(schema.owner, as: access.user, connection) { try await keep(connection) }
        case .none:
            // Who may not read is told why.
            try await OwnerAccess.acting(as: schema.owner, connection) {}
            return try await SchemaTrust.look(connection, reading: nil)
        }
        return try await SchemaTrust.lookAtKept(connection)
    }

    private static func keep(_ connection: PostgresConnection) async throws {
        try await connection.run(script: unlocked, limit: .seconds(30))
        try await SchemaTrust.keep(name: name, connection)
    }

    /// Takes a grant option away that nobody can have: that changes nothing, but nobody else changes the schema's row, where its
    /// name is, before this transaction ends.
    private static let name = "REVOKE GRANT OPTION FOR USAGE ON SCHEMA convonet_admin FROM PUBLIC;"

    /// Gives the owner back what it takes to lock its tables, which somebody may have taken so that they cannot be kept.
    private static let unlocked = """
        DO $$
        DECLARE
            own regclass;
        BEGIN
            FOR own IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                       WHERE n.nspname = 'convonet_admin' AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'USAGE')
                           AND NOT has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') LOOP
                EXECUTE format('GRANT UPDATE ON %s TO CURRENT_USER', own);
            END LOOP;
        END
        $$;
        """
}
