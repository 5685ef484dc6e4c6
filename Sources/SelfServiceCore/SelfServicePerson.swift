public import ConvonetCore
public import Credentials
public import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// Somebody who acts for themselves, as far as their own password and the answer to them need it.
public struct SelfServicePerson: Equatable, Sendable {
    /// The account.
    public var id: UUID
    /// Its e-mail address.
    public var email: String
    /// Its username.
    public var username: String
    /// The given name.
    public var firstName: String
    /// The family name.
    public var lastName: String

    /// The words that their password must not contain.
    public var passwordContext: PasswordContext {
        PasswordContext(firstName: firstName, lastName: lastName, username: username, email: email)
    }

    static let columns: Statement = "account_id, email, username, first_name, last_name"

    init(_ row: Row) throws {
        id = try row.uuid(0)
        email = try row.text(1)
        username = try row.text(2)
        firstName = try row.optional(3, row.text) ?? ""
        lastName = try row.optional(4, row.text) ?? ""
    }
}

/// Somebody who holds a link that is still good.
public struct LinkHolder: Equatable, Sendable {
    /// Who it was sent to.
    public var person: SelfServicePerson
    /// Until when it is good.
    public var expiresAt: Timestamp
}

/// Somebody who is signed in to the application.
public struct SignedInPerson: Equatable, Sendable {
    /// Who it is.
    public var person: SelfServicePerson
    /// How their old password is hashed: the stored hash without its result; nil where they sign in elsewhere.
    public var setting: BcryptSetting?
    /// Seconds for which no old password is looked at, after too many wrong ones.
    public var blockedSeconds: Int?
}

/// How a change by the person themselves ended.
public struct SelfServiceResult: Equatable, Sendable {
    /// The log's row.
    public var receipt: Receipt
    /// Which rule refused it, where it is not done.
    public var rule: String?
    /// Whether every standby that the server waits for has it.
    public var isReplicated = true
}
