/// What the policy says of links, of mail, and of how often people may help themselves.
public struct SelfServiceRules: Equatable, Sendable {
    /// Whether a link is the only way in which staff reset a password.
    public var linksOnly = false
    /// Whether a link is the only way in which somebody gets another voice PIN.
    public var pinsByLinkOnly = false
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
    /// How many refusals are written to the log within an hour; further ones are counted.
    public var refusalLimit = 2000
}
