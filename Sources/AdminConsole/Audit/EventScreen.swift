import ConsoleParts
import ConsoleRequests
import ConvonetCore
internal import ConvonetDatabase
import FoundationEssentials
import TerminalKit

/// A screen with an event of the log or a request, whose account can be opened over it.
protocol EventScreen: Screen {
    /// Keys that were pressed since an account was asked for; nil while none is.
    var openingKeys: [Key]? { get set }
}

extension EventScreen {
    private static var lane: Lane { "account of an event" }

    var nobody: String { "This is done on a person's page: o opens it." }

    /// Why there is no account to open; nil where there is.
    func unavailability(ofAccount id: UUID?, in console: Console) -> String? {
        guard let id else { return "This event is about no account." }
        let isBelow = console.screens.contains { $0 is PersonPage && $0.account?.id == id }
        return isBelow ? "You came from there (Esc)." : nil
    }

    /// Reads an account and opens its person's page over this screen, to which Esc goes back.
    mutating func openAccount(_ id: UUID?, _ shared: inout Shared) {
        guard let id else { return }
        openingKeys = []
        ask(AccountQuery(id: id, lane: Self.lane), &shared) { screen, result, shared in
            let keys = screen.openingKeys ?? []
            screen.openingKeys = nil
            switch result {
            case .success(let account?):
                shared.open(PersonPage(of: account, knowing: nil), keepsOthers: true)
                if !keys.isEmpty { shared.moves.append(.press(keys)) }
            case .success(nil): shared.say("This account was deleted; only the log still has it.", .caution)
            case .failure(let error):
                shared.noteConnection(error)
                shared.say(error.inConsole + " Press o to try again.", .danger)
            }
        }
    }

    /// Keeps a key until the account is there, for it is meant for that; Esc and Ctrl-C stay here.
    mutating func waitsForAccount(_ key: Key, _ shared: inout Shared) -> Bool {
        guard openingKeys != nil else { return false }
        switch key {
        case .escape, .control("c"):
            openingKeys = nil
            shared.stop(Self.lane)
        default: openingKeys?.append(key)
        }
        return true
    }
}
