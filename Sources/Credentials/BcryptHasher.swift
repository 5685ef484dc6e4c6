internal import CCrypt
internal import Dispatch
internal import Glibc
import OperatingSystem
internal import Synchronization

/// Makes bcrypt hashes with libxcrypt.
///
/// A hash takes the processor for about 0.2 s at cost 12 and is done on return: call it off any thread that others
/// wait for.
public struct BcryptHasher: Sendable {
    /// The costs that may be configured; each step doubles the time.
    public static let costRange = 10...15

    /// The most bytes that bcrypt takes into account; more would be cut off without a word.
    public static let maximumByteCount = 72

    /// The cost of the hashes made here.
    public let cost: Int

    /// A hasher of a cost in ``costRange``.
    ///
    /// - Throws: `bcrypt_cost_out_of_range`. The library would take 0 for 5 without a word.
    public init(cost: Int) throws(CredentialFailure) {
        guard Self.costRange.contains(cost) else {
            throw CredentialFailure(
                rule: "bcrypt_cost_out_of_range", message: "The bcrypt cost must be 10 to 15; 12 is usual.")
        }
        self.cost = cost
    }

    /// A new `$2b$` hash with a salt from the system's generator. It is computed twice, on two threads at the same time,
    /// and both must agree: a fault of the machine or a race must not lock somebody out.
    ///
    /// - Throws: what ``computation(for:)`` throws, and `password_hash_failed` where the library did not deliver.
    public func hash(_ secret: Secret) throws(CredentialFailure) -> PasswordHash {
        let computation = try computation(for: secret)
        let second = Mutex<String?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        detachThread {
            let result = computation.run()
            second.withLock { $0 = result }
            isDone.signal()
        }
        let first = computation.run()
        isDone.wait()
        return try computation.hash(of: first, second.withLock { $0 })
    }

    /// What a hash takes, for whoever bounds the threads that compute: the same work, to be run twice.
    ///
    /// - Throws: `password_nul`, `password_too_long`, `password_not_utf8` where bcrypt in C and in the application would
    ///   not see the same password, and `password_hash_failed` where there is no salt.
    public func computation(for secret: Secret) throws(CredentialFailure) -> HashComputation {
        if secret.containsNUL { throw PasswordRule.nul.failure() }
        if secret.byteCount > Self.maximumByteCount { throw PasswordRule.tooLong.failure() }
        if !secret.isValidUTF8 { throw PasswordRule.notUTF8.failure() }
        return HashComputation(secret: secret, setting: try newSetting(), cost: cost)
    }

    /// Version, cost and a salt of chance, as C takes them.
    func newSetting() throws(CredentialFailure) -> [CChar] {
        var setting = [CChar](repeating: 0, count: Int(CCRYPT_SETTING_SIZE))
        guard ccrypt_bcrypt_setting(UInt(cost), &setting) == 0 else { throw HashComputation.failure }
        return setting
    }

    static func bcrypt(_ secret: Secret, setting: [CChar]) -> String? {
        // The library's state holds traces of the password: it is as large as this, locked, and wiped on return.
        let scratch = SecretMemory(capacity: Int(CCRYPT_SCRATCH_SIZE))
        defer { extendLifetime(scratch) }
        return secret.withCString { phrase in
            ccrypt_bcrypt(phrase, setting, scratch.start).map { String(cString: $0) }
        }
    }
}
