import Crypto
import FoundationEssentials
import Glibc
import OperatingSystem
import Synchronization

@testable import SelfService

/// What self-service is sent.
extension FuzzTarget {
    /// The body of a request, as a form or as JSON.
    @Sendable static func body(_ bytes: [UInt8]) throws {
        for format in [RequestFields.Format.form, .json] {
            guard let fields = try? RequestFields(bytes, format) else { continue }
            for name in ["token", "password", "pin", "code"] {
                try require(fields[name]?.isEmpty != true, "an empty field")
            }
        }
        _ = RequestFields.decoded(bytes[...])
        _ = BearerToken.parse(text(bytes))
    }

    private static let key = "0123456789abcdef0123456789abcdef"

    /// A token as it is, and a signed one with header and claims from the bytes: a line each.
    @Sendable static func token(_ bytes: [UInt8]) throws {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let signed = parts.map { Base64.encodedForURL($0) }.joined(separator: ".")
        let signature = HMAC<SHA256>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data(key.utf8)))
        let tokens = [text(bytes), "\(signed).\(Base64.encodedForURL(signature))"]
        let isTaken = waiting {
            let reader = await AccessTokens(key: key)
            for token in tokens where await reader.read(token) != nil { return true }
            return false
        }
        try require(!isTaken || text(bytes).contains("access"), "taken without being an access token")
    }

    /// X-Forwarded-For of a proxy: whom we do not trust comes out, or the proxy itself.
    @Sendable static func proxy(_ bytes: [UInt8]) throws {
        let trusted = [AddressRange(parsing: "127.0.0.0/8")].compactMap { $0 }
        let client = ClientAddress(peer: "127.0.0.1", forwardedFor: [text(bytes)], trusted: trusted)
        try require(IPAddress(client.text) != nil, client.text)
        _ = AddressRange(parsing: text(bytes))
    }

    private static func waiting(_ body: @escaping @Sendable () async -> Bool) -> Bool {
        let answer = Answer()
        Task { answer.give(await body()) }
        return answer.value()
    }
}

/// What a task comes to, for a thread that waits for it.
private final class Answer: Sendable {
    private let given = Mutex<Bool?>(nil)
    // A semaphore is made to be used from several threads at once (sem_overview(7)); the pointer itself never changes.
    private nonisolated(unsafe) let isThere = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(isThere, 0, 0) }

    deinit {
        sem_destroy(isThere)
        isThere.deallocate()
    }

    func give(_ value: Bool) {
        given.withLock { $0 = value }
        sem_post(isThere)
    }

    func value() -> Bool {
        while sem_wait(isThere) != 0 {}
        return given.withLock { $0 } ?? false
    }
}
