package import AuditVerification
package import ConvonetCore
package import TerminalKit

extension AuditSelection: ListSelection {
    package func page(_ origin: ListOrigin<AuditEvent>, limit: Int, in session: AdminSession) async throws
        -> ListPage<AuditEvent>
    {
        try await ListPage(
            origin, limit: limit, number: \.sequence,
            newest: { try await session.audit.newest(before: $0, matching: self, limit: $1) },
            oldest: { try await session.audit.oldest(after: $0, matching: self, limit: $1) })
    }

    package func total(in session: AdminSession) async throws -> ListCount {
        let most = isEverything ? Int.max - 1 : Self.mostCounted
        return ListCount(try await session.audit.count(matching: self, most: most + 1), most: most)
    }
}

/// The log's chain, recomputed.
package struct VerifyLog: Work {
    package typealias Value = AuditLog.Verification

    package init() {}

    package struct Progress: Equatable, Sendable {
        package var sequence = 0
        package var total = 0

        package init(sequence: Int = 0, total: Int = 0) {
            self.sequence = sequence
            self.total = total
        }
    }

    package static let lane: Lane = "verification"
    package var lane: Lane? { Self.lane }

    package func run(on session: any ConsoleSession, _ report: @escaping @Sendable (Progress) -> Void) async throws
        -> AuditLog.Verification
    {
        try await session.verifyLog { report(Progress(sequence: $0, total: $1)) }
    }
}
