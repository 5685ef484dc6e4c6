internal import FoundationEssentials
internal import JWTKit
import OperatingSystem

/// An access token of the application that is good as far as it says itself; whether it was ended, the database knows.
struct AccessToken: Equatable, Sendable {
    /// Whom it speaks for.
    let account: UUID
    /// In whole seconds since 1970; nil where it does not say.
    let issuedAt: Int?
}

/// Reads the application's access tokens: JWT with HS256, `type` access, `exp` and `user_id`, and not from the future.
struct AccessTokens: Sendable {
    private let keys: JWTKeyCollection

    init(key: String) async {
        keys = JWTKeyCollection()
        // HMAC fills a short key up with zeros (RFC 2104, section 2); the library takes none of fewer than 32 bytes.
        let bytes = Array(key.utf8)
        let filled = bytes + [UInt8](repeating: 0, count: max(0, 32 - bytes.count))
        await keys.add(hmac: HMACKey(from: Data(filled)), digestAlgorithm: .sha256)
    }

    /// How far the clocks of two machines may differ, in seconds.
    static let clockDifference: TimeInterval = 30

    private struct Claims: JWTPayload {
        var userID: String
        var type: String
        var expiration: ExpirationClaim
        var notBefore: NotBeforeClaim?
        var issuedAt: IssuedAtClaim?

        enum CodingKeys: String, CodingKey {
            case userID = "user_id"
            case type
            case expiration = "exp"
            case notBefore = "nbf"
            case issuedAt = "iat"
        }

        func verify(using algorithm: some JWTAlgorithm) throws {
            try expiration.verifyNotExpired()
            // The application may run on a machine whose clock is a little ahead of ours.
            let soon = Date() + AccessTokens.clockDifference
            try notBefore?.verifyNotBefore(currentDate: soon)
            if let issuedAt, issuedAt.value > soon {
                throw JWTError.claimVerificationFailure(failedClaim: issuedAt, reason: "issued in the future")
            }
            guard type == "access" else {
                throw JWTError.claimVerificationFailure(failedClaim: nil, reason: "not an access token")
            }
        }
    }

    /// A token's header as an object of texts; nil where it is anything else. The library reads it before it verifies anything, and ends
    /// the process at a number that is too large for Int.
    private static func header(of token: String) -> RequestFields? {
        let part = token.prefix { $0 != "." }.escaping(["-": "+", "_": "/"])
        let padded = part + String(repeating: "=", count: (4 - part.utf8.count % 4) % 4)
        guard let json = Data(base64Encoded: padded) else { return nil }
        return try? RequestFields([UInt8](json), .json)
    }

    /// What a token says; nil where it is none of the application's, or has expired.
    func read(_ token: String) async -> AccessToken? {
        guard Self.header(of: token)?["alg"] == "HS256",
            // The library verifies by the key that it has, whatever the header says of itself.
            let header = try? DefaultJWTParser().parse(Array(token.utf8), as: Claims.self).header,
            header.alg == "HS256", header.fields["crit"] == nil,
            let claims = try? await keys.verify(token, as: Claims.self), let account = UUID(uuidString: claims.userID)
        else { return nil }
        let issuedAt = claims.issuedAt.flatMap { Int(exactly: $0.value.timeIntervalSince1970.rounded(.down)) }
        return AccessToken(account: account, issuedAt: issuedAt)
    }
}

/// The token of an Authorization header (RFC 6750).
enum BearerToken {
    /// nil where the header is absent, empty or of another scheme.
    static func parse(_ header: String?) -> String? {
        guard let header, header.count > 7, header.prefix(7).lowercased() == "bearer " else { return nil }
        let token = header.dropFirst(7).drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        return token.isEmpty || token.contains(where: \.isWhitespace) ? nil : String(token)
    }
}
