import PostgresClient

/// By what events of the log are counted.
package enum AuditGrouping: String, CaseIterable, Sendable {
    /// What was done.
    case action
    /// The database user, whom the server let in; people themselves, changes from outside and the clock count as one each.
    case operatorName = "operator"
    /// The hour of the day, in this machine's zone.
    case hour
    /// The rule by which it was not done.
    case rule
    /// How a new password or PIN came about, as the program claims: generated, typed, issued.
    case method

    /// The group as SQL; rows for which it is NULL are not counted.
    var expression: Statement {
        switch self {
        case .action: "action"
        case .operatorName: "CASE WHEN actor_kind = 'operator' THEN db_user ELSE '(' || actor_kind || ')' END"
        // Hours of the day are made of these here: which zone this is, and when its clocks changed, is known to the machine.
        case .hour: "(extract(epoch FROM date_trunc('hour', occurred_at, 'UTC')) * 1000000)::bigint::text"
        case .rule: "rule"
        case .method: "substring(detail FROM '(?:^|[ ;])method=([a-z]+)')"
        }
    }
}
