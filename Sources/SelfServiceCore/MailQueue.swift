import ConvonetCore
public import ConvonetDatabase
public import Credentials
public import OperatingSystem
import PostgresClient

/// Mail that was taken from the queue to be sent.
public struct QueuedMail: Sendable {
    /// What it says.
    public enum Content: Equatable, Sendable {
        /// A link to set a password, good until then.
        case link(expiresAt: Timestamp)
        /// The same for whoever's temporary password has run out.
        case linkAfterExpiry(expiresAt: Timestamp)
        /// A link to a voice PIN, good until then.
        case pinLink(expiresAt: Timestamp)
        /// That something was changed: the log's name of the action, and whether the person did it themselves.
        case notice(action: String, byThemselves: Bool)
        /// A code to be read back to staff, good until then.
        case callerCode(CallerCode, expiresAt: Timestamp)
        /// The same to a telephone.
        case textCode(CallerCode, expiresAt: Timestamp)
        /// To somebody who may decide: that approval is asked for.
        case approvalRequest(ApproverMail)
    }

    /// What it says.
    public var content: Content
    /// The token of its link, which is in no other place.
    public var token: ResetToken
    /// Where it goes.
    public var address: String
    /// The person's given name; empty where it is not known.
    public var firstName: String
    /// Until when the password that a notice tells of works, unless the person changes it; nil where it is not temporary.
    public var temporaryUntil: Timestamp?
    /// When it was asked for, or what it tells of happened.
    public var occurredAt: Timestamp
    /// Its place in the queue.
    public var number: Int
    /// Which try this is, from 1.
    public var attempt: Int
    /// How many seconds the mail program may take: after a little more, another instance may send it.
    public var patience = 60

    /// What it holds that must be in no other place.
    public var secret: String {
        switch content {
        case .callerCode(let code, _): code.readable
        case .textCode(let code, _): code.digits
        default: token.text
        }
    }
}

/// What was in the queue.
public enum MailTake: Sendable {
    /// This is to be sent.
    case mail(QueuedMail)
    /// There was no time to come to what is to be sent: ask again at once.
    case more
    /// Nothing is due.
    case nothing
}

/// What became of mail that was taken.
public enum MailOutcome: String, Sendable {
    /// The mail program took it.
    case sent
    /// It will never be taken.
    case failed
    /// It may be taken later.
    case later
}

extension SelfServiceDatabase {
    /// Takes the mail that is due longest, and makes its link's token; where this program sends to telephones, that as well.
    public func takeMail(sendsTexts: Bool = false) async throws(AdminError) -> MailTake {
        try await database.translating(.serveSelfService) {
            let token = ResetToken()
            let (hash, claims) = (Parameter.bytea(token.hash), claims(nil, sendsMail: true, sendsTexts: sendsTexts))
            let rows = try await database.change(
                """
                SELECT id, attempt, kind, address, first_name, action, actor_kind, occurred_at, expires_at, patience, asker_key \
                FROM convonet_admin.self_take_mail(\(hash), \(claims))
                """, for: .serveSelfService
            ).rows
            guard let row = rows.first else { return .nothing }
            if try row.optional(0, row.int) == nil { return .more }
            let content: QueuedMail.Content
            var temporaryUntil: Timestamp?
            switch try row.text(2) {
            case "reset_link":
                let end = try row.timestamp(8)
                content =
                    try row.optional(5, row.text) == "expire_password"
                    ? .linkAfterExpiry(expiresAt: end) : .link(expiresAt: end)
            case "pin_link": content = .pinLink(expiresAt: try row.timestamp(8))
            case "caller_code":
                guard let (code, end) = try await codeToSend(row) else { return .more }
                content = .callerCode(code, expiresAt: end)
            case "text_code":
                guard let (code, end) = try await codeToSend(row) else { return .more }
                content = .textCode(code, expiresAt: end)
            case "approval_request":
                guard let told = try await approverMail(row.int(0), attempt: row.int(1)) else { return .more }
                content = .approvalRequest(told)
            default:
                content = .notice(action: try row.text(5), byThemselves: try row.text(6) == "self")
                temporaryUntil = try row.optional(8, row.timestamp)
            }
            return .mail(
                QueuedMail(
                    content: content, token: token, address: try row.text(3),
                    firstName: try row.optional(4, row.text) ?? "", temporaryUntil: temporaryUntil,
                    occurredAt: try row.timestamp(7),
                    number: try row.int(0), attempt: try row.int(1), patience: try row.int(9)))
        }
    }

    /// Makes a code for whoever asked for one, and stores what checks it; nil where the mail is no longer ours to send.
    private func codeToSend(_ row: Row) async throws -> (CallerCode, Timestamp)? {
        let (number, attempt) = (try row.int(0), try row.int(1))
        guard let code = CallerCode(for: try row.bytes(10)) else {
            _ = try await database.change(
                "SELECT convonet_admin.self_end_mail(\(number), \(attempt)::integer, 'failed', 'not a key')",
                mayRepeat: true, for: .serveSelfService)
            return nil
        }
        let (key, hash) = (Parameter.bytea(code.publicKey), Parameter.bytea(code.proofHash))
        let rows = try await database.change(
            "SELECT convonet_admin.self_store_caller_code(\(number), \(attempt)::integer, \(key), \(hash))",
            mayRepeat: true, for: .serveSelfService
        ).rows
        guard let stored = rows.first, let end = try stored.optional(0, stored.timestamp) else { return nil }
        return (code, end)
    }

    /// Says what became of it; `reason` is for whoever looks into the queue, and holds no secret.
    public func end(_ mail: QueuedMail, as outcome: MailOutcome, reason: String = "") async throws(AdminError) {
        _ = try await database.change(
            """
            SELECT convonet_admin.self_end_mail(\(mail.number), \(mail.attempt)::integer, \(outcome.rawValue), \
            \(reason))
            """, mayRepeat: true, for: .serveSelfService)
    }

    /// Forgets mail, links and counters that nobody needs any more, and ends temporary passwords whose time is over.
    public func tidy() async throws(AdminError) {
        _ = try await database.change("SELECT convonet_admin.self_tidy()", for: .serveSelfService)
        try await PasswordExpiry(database: database).endDue(for: .serveSelfService)
    }
}
