import Crypto
import FoundationEssentials
import OperatingSystem

/// What a batch and its requests are known by.
enum BatchName {
    /// A name that is the same for the same people, change and reasons, in whatever order, form or spelling they are listed.
    static func name(of accounts: [UUID], _ action: AccountChange.Action, _ context: ChangeContext) -> String {
        let reasons = [context.reason, context.ticket, context.verifiedBy].map { $0.map { "=" + $0 } ?? "" }
        let digest = digest(["batch", action.name] + reasons + accounts.map(\.lowercaseText).sorted())
        return Array(digest.prefix(8)).hexadecimal
    }

    /// The id of the request for one account, by UUID's version 8. Of each database user their own: the database gives nobody the
    /// receipt of somebody else's request.
    static func requestID(_ batch: String, action: String, user: String, account: UUID) -> UUID {
        var bytes = digest(["request", batch, action, user, account.lowercaseText])
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// SHA-256 of texts with their lengths, so that none can be taken for part of another.
    private static func digest(_ texts: [String]) -> [UInt8] {
        SHA256.hash(data: Array(texts.map { "\($0.utf8.count):\($0)" }.joined().utf8)).withUnsafeBytes { Array($0) }
    }
}
