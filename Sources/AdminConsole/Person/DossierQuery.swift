import ConvonetCore
import FoundationEssentials

/// One person with all that their page shows, and the policy as it is now.
struct DossierQuery: Query {
    typealias Value = AccountDossier
    /// What it is read for: each has a place of its own.
    enum Reader: String, Sendable {
        case page = "page of a person", preview, dialog

        var lane: Lane { Lane(stringLiteral: rawValue) }
    }

    var id: UUID
    var reader: Reader
    var lane: Lane? { reader.lane }

    func read(from session: any ConsoleSession) async throws -> AccountDossier { await session.dossier(of: id) }
}
