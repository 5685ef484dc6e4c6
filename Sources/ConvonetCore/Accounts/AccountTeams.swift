public import FoundationEssentials
import PostgresClient

/// One team that somebody belongs to.
public struct TeamMembership: Equatable, Sendable {
    /// The team's name.
    public var team: String
    /// What they are in it, such as owner or member.
    public var role: String

    /// A membership.
    public init(team: String, role: String) {
        self.team = team
        self.role = role
    }
}

extension AccountDirectory {
    /// The teams of an account by name; none where the application has no team tables, or had none at migration.
    public func teams(of id: UUID) async throws -> [TeamMembership] {
        do {
            return try await database.query(teamsStatement(id), for: .viewAccounts).map { try TeamMembership($0) }
        } catch AdminError.schemaMissing {
            return []
        }
    }

    /// The teams of several accounts by account; those that are in none are not among them.
    public func teams(of ids: [UUID]) async throws -> [UUID: [TeamMembership]] {
        let texts = ids.map(\.lowercaseText)
        do {
            let rows = try await database.query(
                """
                SELECT account_id, team, role FROM convonet_admin.account_teams WHERE account_id = ANY(\(texts)::uuid[]) \
                ORDER BY team LIMIT 5000
                """, for: .viewAccounts)
            return try rows.reduce(into: [:]) { teams, row in
                let membership = TeamMembership(
                    team: try row.optional(1, row.text) ?? "", role: try row.optional(2, row.text) ?? "")
                teams[try row.uuid(0), default: []].append(membership)
            }
        } catch AdminError.schemaMissing {
            return [:]
        }
    }

    func teamsStatement(_ id: UUID) -> Statement {
        "SELECT team, role FROM convonet_admin.account_teams WHERE account_id = \(id) ORDER BY team LIMIT 100"
    }
}

extension TeamMembership {
    /// Reads a row of team and role.
    init(_ row: Row) throws {
        self.init(team: try row.optional(0, row.text) ?? "", role: try row.optional(1, row.text) ?? "")
    }
}
