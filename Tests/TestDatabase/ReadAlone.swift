public import ConvonetCore
public import FoundationEssentials

/// Parts of a person's page by themselves.
extension AccountDirectory {
    /// What was done to the account, newest first.
    public func history(of id: UUID) async throws -> [HistoryEntry] { try await dossier(of: id).history.get() }
}
