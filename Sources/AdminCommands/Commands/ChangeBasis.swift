internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
import ProgramStart

/// What every change takes, of one account or of many: why, by whose word, and whether it is asked.
struct ChangeBasis: ParsableArguments {
    @Option(name: .long, help: "Reason, for the log.") var reason: String?
    @Option(name: .long, help: ArgumentHelp("Ticket, for the log.", valueName: "id")) var ticket: String?
    @Option(name: .customLong("verified-by"), help: ArgumentHelp("How the caller was verified.", valueName: "method"))
    var verifiedBy: String?
    @Flag(name: .customLong("dry-run"), help: "Show what would happen; change nothing.") var dryRun = false
    @Flag(name: .long, help: "Skip the confirmation; required without a terminal.") var yes = false

    /// Whether any of it was given.
    var says: Bool { yes || dryRun || [reason, ticket, verifiedBy].contains { $0 != nil } }

    func context(localPassword: Bool = false) -> ChangeContext {
        ChangeContext(reason: reason, ticket: ticket, verifiedBy: verifiedBy, wantsLocalPassword: localPassword)
    }

    /// Throws where it has to be asked, and there is no terminal to ask on.
    func requireSomebodyToAsk(_ prompt: TerminalPrompt?) throws(CommandFailure) {
        if prompt == nil, !yes, !dryRun {
            throw CommandFailure(.usage, "No terminal to ask on: add --yes, or --dry-run to try it.")
        }
    }
}

extension AdminSession.Rights {
    /// Throws for whoever may change nothing.
    func requireChanges() throws(AdminError) {
        guard mayChange || mayDecide else { throw .notPermitted(.changeCredentials) }
    }

    /// Throws where an action is for supervisors, and this is none.
    func require(_ action: AccountAction) throws(AdminError) {
        if action.isSupervisors, !mayDecide { throw .notPermitted(.freezeAccounts) }
    }
}
