import ConvonetDatabase
import PostgresClient

/// A step of `migrate` that the server refused. What there is to say of it cannot be asked in a transaction that has failed,
/// so it is looked into afterwards.
struct RefusedStep: Error {
    var refusal: ServerError

    /// Notes what refuses the steps of `body`, but for what comes of two at the same moment, which is tried again; and so are locks,
    /// before there is anything to undo (`butLocks`).
    static func noting<Value>(butLocks: Bool = false, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch PostgresError.server(let refusal)
            where !isOvertaken(refusal.sqlState) && !(butLocks && refusal.sqlState == .lockNotAvailable)
        {
            throw RefusedStep(refusal: refusal)
        }
    }

    /// What comes of two that install or grant at the same moment: duplicate_schema, duplicate_object, unique_violation,
    /// duplicate_table, undefined_object, and "tuple concurrently updated", which has no code of its own.
    static func isOvertaken(_ state: SQLState) -> Bool {
        ["42P06", "42P07", "42710", "23505", "42704", "XX000", .serializationFailure, .deadlockDetected].contains(state)
    }

    /// What was refused, and what to do: who is in the way, as far as that can be found.
    func explanation(
        _ database: Database, on users: QualifiedName?,
        dropping dropped: [Dependents.Dropped] = [.functions, .views, .altered]
    ) async -> AdminError {
        switch refusal.sqlState {
        case .lockNotAvailable:
            if let text = await MigrationLocks.text(database, on: users) { return .cannotMigrate(text) }
        case "2BP01":
            if let text = await Dependents.text(database, on: dropped) { return .cannotMigrate(text) }
        // A column of a type of ours keeps the type, or the table whose rows are of it, from being changed. Whatever else is not
        // supported is nobody's fault who made something on ours.
        case "0A000":
            if let text = await Dependents.text(database, on: [.columnTypes]) { return .cannotMigrate(text) }
        case .memberAdded:
            return .cannotMigrate(
                "Someone became a member of the role that owns the log meanwhile. Nothing was changed. Find out who, and run "
                    + "migrate again.")
        case .eventsUnlinked:
            return .cannotMigrate(
                "The events behind the log's head do not follow from one another, so it cannot follow them. Nothing was changed. "
                    + "“convonet-admin audit verify” names the first that is wrong; see docs/AUDIT.md, “After a restore”."
            )
        case let state where EventTriggers.mayRefuse(state):
            if let text = await EventTriggers.text(refusal, database) { return .cannotMigrate(text) }
        default: break
        }
        if refusal.sqlState == .insufficientPrivilege {
            return await PlantedObjects.text(database).map(AdminError.cannotMigrate) ?? .notPermitted(.migrate)
        }
        if ServerRefusalText.text(of: refusal) != nil { return .database(.server(refusal)) }
        return .cannotMigrate(
            "The server refused a step (SQLSTATE \(refusal.sqlState)"
                + (refusal.constraint.map { ", \($0)" } ?? "")
                + "). Nothing was changed. Its log says which and why; so does what “convonet-admin migrate --print” shows, run "
                + "by psql -v ON_ERROR_STOP=1 as the same user.")
    }
}
