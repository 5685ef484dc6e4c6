import ConvonetCore
package import Credentials
import EmailAddresses
package import FoundationEssentials
package import SelfServiceCore

extension TestDatabase {
    /// The desk behind the web pages, as its own database user.
    package func selfService(maximum: Int = 3) throws -> SelfServiceDatabase {
        SelfServiceDatabase(try pool(.selfService, maximum: maximum), application: "self-service tests", host: "web-1")
    }

    /// Asks for a link to the address and takes its mail.
    package func link(to address: String, _ desk: SelfServiceDatabase) async throws -> QueuedMail {
        try await desk.requestLink(to: address, from: "192.0.2.1")
        guard let mail = try await desk.nextMail() else { throw NeverHappened(description: "no mail was due") }
        return mail
    }

    /// Ends what is over, as a timer does it.
    package func tidy() async throws { _ = try await session(.scheduler).changes.tidy() }

    /// Outcomes and rules of one action in the log, oldest first.
    package func outcomes(of action: String) async throws -> String {
        try await sql(
            """
            SELECT string_agg(concat_ws(' ', outcome, rule), ', ' ORDER BY sequence)
            FROM convonet_admin.audit_event WHERE action = '\(action)'
            """)
    }
}

extension SelfServiceDatabase {
    /// Asks for a link as somebody types the address.
    package func requestLink(to text: String, from client: String) async throws {
        guard let address = EmailAddress(typed: text) else { throw NeverHappened(description: "\(text) is no address") }
        try await requestLink(to: address, from: client)
    }

    /// Sets a password that the rules in force judged.
    package func resetPassword(
        by token: ResetToken, to hash: PasswordHash, from client: String, request: UUID
    ) async throws -> SelfServiceResult? {
        try await resetPassword(by: token, to: hash, judgedBy: try await policy(), from: client, request: request)
    }

    /// The same for somebody who knows the old one.
    package func changePassword(
        of account: UUID, proof: PasswordHash, to hash: PasswordHash, from client: String, request: UUID
    ) async throws -> SelfServiceResult? {
        try await changePassword(
            of: account, proof: proof, to: hash, judgedBy: try await policy(), from: client, request: request)
    }

    /// Somebody who is signed in by a token of just now.
    package func signedInPerson(_ account: UUID) async throws -> SignedInPerson? {
        try await signedInPerson(account, tokenIssuedAt: .max)
    }

    /// Takes the mail that is due next, however often the queue is to be asked.
    package func nextMail() async throws -> QueuedMail? {
        while true {
            switch try await takeMail() {
            case .mail(let mail): return mail
            case .more: continue
            case .nothing: return nil
            }
        }
    }
}

/// A hash of the least cost that the database takes.
package func newHash(_ password: String = "walrus-canyon-41-teapot") throws -> PasswordHash {
    try BcryptHasher(cost: 10).hash(.text(password))
}
