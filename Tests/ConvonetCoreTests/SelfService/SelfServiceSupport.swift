import ConvonetCore
import Credentials
import FoundationEssentials
import TestDatabase
import Testing

extension TestDatabase {
    /// The desk behind the web pages, as its own database user.
    func selfService(maximum: Int = 3) throws -> SelfServiceDesk {
        SelfServiceDesk(try pool(.selfService, maximum: maximum), application: "self-service tests", host: "web-1")
    }

    /// Asks for a link to the address and takes its mail.
    func link(to address: String, _ desk: SelfServiceDesk) async throws -> QueuedMail {
        try await desk.requestLink(to: address, from: "192.0.2.1")
        return try #require(try await desk.nextMail())
    }

    /// Outcomes and rules of one action in the log, oldest first.
    func outcomes(of action: String) throws -> String {
        try sql(
            """
            SELECT string_agg(concat_ws(' ', outcome, rule), ', ' ORDER BY sequence)
            FROM convonet_admin.audit_event WHERE action = '\(action)'
            """)
    }
}

extension SelfServiceDesk {
    /// Asks for a link as somebody types the address.
    func requestLink(to text: String, from client: String) async throws {
        try await requestLink(to: try #require(EmailAddress(typed: text)), from: client)
    }

    /// Sets a password that the rules in force judged.
    func resetPassword(
        by token: ResetToken, to hash: PasswordHash, from client: String, request: UUID
    ) async throws -> SelfServiceResult? {
        try await resetPassword(by: token, to: hash, judgedBy: try await policy(), from: client, request: request)
    }

    /// The same for somebody who knows the old one.
    func changePassword(
        of account: UUID, proof: PasswordHash, to hash: PasswordHash, from client: String, request: UUID
    ) async throws -> SelfServiceResult? {
        try await changePassword(
            of: account, proof: proof, to: hash, judgedBy: try await policy(), from: client, request: request)
    }

    /// Takes the mail that is due next, however often the queue is to be asked.
    func nextMail() async throws -> QueuedMail? {
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
func newHash(_ password: String = "walrus-canyon-41-teapot") throws -> PasswordHash {
    try BcryptHasher(cost: 10).hash(.text(password))
}
