import ConvonetCore
import TerminalKit

extension AuditSelection: ListSelection {
    func page(_ origin: ListOrigin<AuditEvent>, limit: Int, from session: any ConsoleSession) async throws
        -> ListPage<AuditEvent>
    {
        try await session.page(of: self, origin, limit: limit)
    }

    func total(from session: any ConsoleSession) async throws -> ListCount { try await session.total(of: self) }
}

/// The log's chain, recomputed.
struct VerifyLog: Work {
    typealias Value = AuditLog.Verification

    struct Progress: Equatable, Sendable {
        var sequence = 0
        var total = 0
    }

    static let lane: Lane = "verification"
    var lane: Lane? { Self.lane }

    func run(on session: any ConsoleSession, _ report: @escaping @Sendable (Progress) -> Void) async throws
        -> AuditLog.Verification
    {
        try await session.verifyLog { report(Progress(sequence: $0, total: $1)) }
    }
}
