import PostgresClient

/// What the policy says of links, of mail, and of how often people may help themselves.
public struct SelfServiceRules: Equatable, Sendable {
    /// Whether a link is the only way in which staff reset a password.
    public var linksOnly = false
    /// Whether people are told by mail of each change of their password or PIN.
    public var notifiesOfChanges = false
    /// How long a link is good, in minutes after its mail is sent.
    public var linkMinutes = 60
    /// How many links one account may be asked for within an hour.
    public var accountLimit = 5
    /// How many requests one address may make within ten minutes.
    public var addressLimit = 60
    /// How many requests are taken within a minute from everywhere.
    public var totalLimit = 600

    /// The rules after installation.
    public init() {}

    static let columns: Statement = """
        p.links_only, p.notify_changes, p.reset_link_minutes, p.self_service_account_limit, \
        p.self_service_address_limit, p.self_service_total_limit
        """

    init(_ row: Row, from first: Int) throws {
        linksOnly = try row.bool(first)
        notifiesOfChanges = try row.bool(first + 1)
        linkMinutes = try row.int(first + 2)
        accountLimit = try row.int(first + 3)
        addressLimit = try row.int(first + 4)
        totalLimit = try row.int(first + 5)
    }
}
