import ConsoleParts
import ConsoleRequests
import ConvonetDatabase
import TerminalKit

/// Going over to another database, which is opened before the present one is left.
extension ActionPalette {
    /// Opens it; without a name, the choice that is shown is all there is to it.
    mutating func goOver(to name: String, _ shared: inout Shared) {
        let context = shared.context
        guard !name.isEmpty, !shared.requests.isAwaiting(OpenEnvironment.ownLane) else { return }
        if name == context.environment?.name { return problem = "You are in \(name)." }
        if shared.isDeciding { return problem = Shared.isWritingHere }
        ask(OpenEnvironment(name, in: context.environments), &shared) { $0.take($1, name, &$2) }
    }

    private mutating func take(
        _ result: Result<Result<Opening, OpeningFailure>, AdminError>, _ name: String, _ shared: inout Shared
    ) {
        switch result {
        // Nobody sees where they come to.
        case .success(.success) where shared.isCovered:
            problem = "Nobody was here when \(name) answered. Enter opens it again."
        case .success(.success(let opening)):
            shared.close()
            shared.moves.append(.leave(for: opening))
        case .success(.failure(let failure)): problem = failure.description
        case .failure(let error): problem = error.inConsole
        }
    }

    /// The choice, with the one in use.
    func environmentRows(_ shared: Shared) -> [MenuRow] {
        shared.context.environments.labels.map { label in
            MenuRow(
                text: "  " + label.text(inColours: false),
                note: label == shared.context.environment ? "you are here" : "", isChoice: false)
        }
    }
}
