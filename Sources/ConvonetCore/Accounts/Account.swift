public import Credentials
public import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// A person's account, as far as staff may see it.
public struct Account: Equatable, Sendable, Identifiable {
    /// How somebody signs in.
    public enum SignIn: String, Equatable, Sendable {
        /// With a password that this application keeps.
        case password
        /// Elsewhere, such as by single sign-on.
        case external
    }

    /// The primary key.
    public var id: UUID
    /// The e-mail address, unique.
    public var email: String
    /// The username, unique.
    public var username: String
    /// The given name.
    public var firstName: String
    /// The family name.
    public var lastName: String
    /// How they sign in.
    public var signIn: SignIn
    /// What stands in place of a hash, such as `FRONTEGG_SSO_USER`, where it has that shape.
    public var externalMarker: String?
    /// Whether a voice PIN is set; never which.
    public var hasVoicePIN: Bool
    /// Whether they may sign in at all.
    public var isActive: Bool
    /// Whether the e-mail address is verified.
    public var isVerified: Bool
    /// Whether a supervisor froze it, so that nobody may change it.
    public var isFrozen: Bool
    /// When the account was made.
    public var createdAt: Timestamp
    /// When it was changed last.
    public var updatedAt: Timestamp
    /// When they signed in last.
    public var lastLoginAt: Timestamp?
    /// The row as it was read: a change is bound to what of it counts, which is not when somebody signed in last.
    public var version: String

    /// An account with all its fields.
    public init(
        id: UUID, email: String, username: String, firstName: String, lastName: String, signIn: SignIn = .password,
        externalMarker: String? = nil, hasVoicePIN: Bool = false, isActive: Bool = true, isVerified: Bool = true,
        isFrozen: Bool = false,
        createdAt: Timestamp, updatedAt: Timestamp, lastLoginAt: Timestamp? = nil, version: String
    ) {
        self.id = id
        self.email = email
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.signIn = signIn
        self.externalMarker = externalMarker
        self.hasVoicePIN = hasVoicePIN
        self.isActive = isActive
        self.isVerified = isVerified
        self.isFrozen = isFrozen
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.lastLoginAt = lastLoginAt
        self.version = version
    }

    /// Given and family name.
    public var fullName: String { [firstName, lastName].filter { !$0.isEmpty }.joined(separator: " ") }

    /// The id in lower case, as PostgreSQL writes it.
    public var idText: String { id.lowercaseText }

    /// What must not be part of this person's password.
    public var passwordContext: PasswordContext {
        PasswordContext(firstName: firstName, lastName: lastName, username: username, email: email)
    }

    static let columns: Statement = """
        id, email, username, first_name, last_name, sign_in, external_marker, has_voice_pin, is_active, is_verified, \
        created_at, updated_at, last_login_at, version, \
        EXISTS (SELECT FROM convonet_admin.frozen_accounts f WHERE f.account_id = id)
        """

    /// Reads a row that begins with `columns` at `first`. Where the application lets go of its NOT NULL, a name is empty,
    /// a flag is off and a change was never later than the account: somebody without a name is still somebody.
    init(_ row: Row, from first: Int = 0) throws {
        id = try row.uuid(first)
        email = try row.optional(first + 1, row.text) ?? ""
        username = try row.optional(first + 2, row.text) ?? ""
        firstName = try row.optional(first + 3, row.text) ?? ""
        lastName = try row.optional(first + 4, row.text) ?? ""
        signIn = try row.optional(first + 5, row.text) == "password" ? .password : .external
        externalMarker = try row.optional(first + 6, row.text)
        hasVoicePIN = try row.optional(first + 7, row.bool) ?? false
        isActive = try row.optional(first + 8, row.bool) ?? false
        isVerified = try row.optional(first + 9, row.bool) ?? false
        createdAt = try row.optional(first + 10, row.timestamp) ?? Timestamp(microseconds: .min)
        updatedAt = try row.optional(first + 11, row.timestamp) ?? createdAt
        lastLoginAt = try row.optional(first + 12, row.timestamp)
        version = try row.text(first + 13)
        isFrozen = try row.optional(first + 14, row.bool) ?? false
    }
}
