public import ConvonetDatabase
public import FoundationEssentials
import OperatingSystem
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
    /// The first teams of several accounts by account, at most five of each; those that are in none are not among them.
    public func teams(of ids: [UUID]) async throws(AdminError) -> [UUID: [TeamMembership]] {
        let texts = ids.map(\.lowercaseText)
        do throws(AdminError) {
            let found = try await database.rows(
                """
                SELECT t.team, t.role, p.id FROM unnest(\(texts)::uuid[]) AS p (id) CROSS JOIN LATERAL ( \
                    SELECT team, role FROM convonet_admin.account_teams WHERE account_id = p.id ORDER BY team LIMIT 5) AS t
                """, for: .viewAccounts
            ) { (account: try $0.uuid(2), team: try TeamMembership($0)) }
            return Dictionary(grouping: found, by: \.account).mapValues { $0.map(\.team) }
        } catch .schemaMissing {
            return [:]
        }
    }

    /// The teams of an account by name.
    static func teamsStatement(_ id: UUID) -> Statement {
        "SELECT team, role FROM convonet_admin.account_teams WHERE account_id = \(id) ORDER BY team LIMIT 100"
    }
}

extension TeamMembership {
    /// Reads a row of team and role.
    init(_ row: Row) throws {
        self.init(team: try row.optional(0, row.text) ?? "", role: try row.optional(1, row.text) ?? "")
    }
}
