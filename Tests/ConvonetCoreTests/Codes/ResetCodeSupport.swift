import ConvonetCore
import Credentials
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

extension TestDatabase {
    /// A code that an operator was given for somebody.
    func issuedCode(to person: Account, by desk: AdminSession) async throws -> Secret {
        try #require(try await desk.perform(.issueResetCode, on: person).newSecret)
    }
}

extension SelfServiceDatabase {
    /// Enters a code for whoever is called so; nil where nobody of that name has one.
    func enter(
        _ code: Secret, _ logins: String..., token: ResetToken = ResetToken(), from client: String = "192.0.2.1",
        request: UUID = UUID()
    ) async throws -> SelfServiceResult? {
        guard let setting = try await settingOfCode(of: logins),
            let proof = BcryptHasher.proof(of: code, under: setting)
        else { return nil }
        return try await enterCode(proof, of: logins, for: token, from: client, request: request)
    }
}

/// A code of the right form that is nobody's.
let wrongCode = Secret.text("cccc-cccc")
