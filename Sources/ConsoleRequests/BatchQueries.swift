package import ConvonetCore
package import FoundationEssentials
internal import TerminalKit

/// Everybody whom a list finds, but no more than so many.
package struct EverybodyQuery: Query {
    package typealias Value = [Account]
    package static let lane: Lane = "everybody found"
    package var selection: AccountSelection
    package var most: Int

    package init(selection: AccountSelection, most: Int) {
        self.selection = selection
        self.most = most
    }

    package var lane: Lane? { Self.lane }

    package func read(from session: any ConsoleSession) async throws -> [Account] {
        try await session.page(of: selection, .after(nil), limit: most).rows
    }
}

/// Accounts as they are now, without those that are gone.
package struct AccountsQuery: Query {
    package typealias Value = [Account]
    package var ids: [UUID]
    package var lane: Lane?

    package init(ids: [UUID], lane: Lane = BatchLook.lane) {
        self.ids = ids
        self.lane = lane
    }

    package func read(from session: any ConsoleSession) async throws -> [Account] { try await session.accounts(ids) }
}

/// What would become of one person of a batch.
package struct BatchLook: Query {
    package typealias Value = Batch.Row
    package static let lane: Lane = "batch"
    package var row: Batch.Row
    package var batch: Batch

    package init(row: Batch.Row, batch: Batch) {
        self.row = row
        self.batch = batch
    }

    package var lane: Lane? { Self.lane }

    package func read(from session: any ConsoleSession) async throws -> Batch.Row {
        try await session.look(at: row, of: batch)
    }
}

/// The change of one person of a batch.
package struct BatchStep: Work {
    package typealias Value = Batch.Row
    /// What is happening, where it takes longer than usual.
    package typealias Progress = String
    package var row: Batch.Row
    package var batch: Batch

    package init(row: Batch.Row, batch: Batch) {
        self.row = row
        self.batch = batch
    }

    package func run(on session: any ConsoleSession, _ report: @escaping @Sendable (String) -> Void) async throws
        -> Batch.Row
    {
        await session.carryOut(row, of: batch, progress: report)
    }
}
