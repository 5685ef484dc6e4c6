internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
import Credentials
import FoundationEssentials
import Glibc
internal import JSONText
import ProgramStart
import TerminalKit

/// What a change of one account takes, whatever it is of: why, by whose word, and how.
struct ChangeTerms: ParsableArguments {
    @OptionGroup var basis: ChangeBasis
    @Option(
        name: .customLong("request-id"),
        help: ArgumentHelp(
            "Id of this change, or of an earlier call to repeat safely: it is made at most once.", valueName: "uuid"))
    var requestID: String?

    /// Whether any of it was given that only a change has a use for.
    var says: Bool { basis.says || requestID != nil }

    func context(localPassword: Bool = false) -> ChangeContext { basis.context(localPassword: localPassword) }

    /// Finds the account, asks, changes and prints: the way of every change. The session begins with the candidates for a key,
    /// where there is one. `secretName` is the JSON field of a new secret.
    func run(
        _ common: CommonOptions, finding key: String? = nil, on find: (AdminSession) async throws -> Account,
        secretName: String = "secret", context: ChangeContext,
        action: (AdminSession, Account, TerminalPrompt?) async throws -> AccountChange.Action
    ) async throws {
        let id = try requestUUID()
        let (result, chosen, settings) = try await attempt(
            common, key, find, id: id, context: context, action: action)
        try print(result, common, settings, secretName: secretName, action: chosen)
        // A script that finds no new value must not take that for success.
        let status = result.isSecretLost || !result.isReplicated ? .unknown : ExitStatus(result.outcome)
        if status != .done { throw CommandFailure.silent(status) }
    }

    /// `perform`, with an object on standard output where it does not come to a result and programs read it.
    private func attempt(
        _ common: CommonOptions, _ key: String?, _ find: (AdminSession) async throws -> Account, id: UUID,
        context: ChangeContext, action: (AdminSession, Account, TerminalPrompt?) async throws -> AccountChange.Action
    ) async throws -> (ChangeResult, AccountChange.Action, Settings) {
        do {
            return try await perform(common, key, find, id: id, context: context, action: action)
        } catch {
            if common.json, Self.isWorthAnObject(error) {
                try Output.data(JSONForms.failure(error, requestID: id).text)
            }
            throw error
        }
    }

    private func perform(
        _ common: CommonOptions, _ key: String?, _ find: (AdminSession) async throws -> Account, id: UUID,
        context: ChangeContext, action: (AdminSession, Account, TerminalPrompt?) async throws -> AccountChange.Action
    ) async throws -> (ChangeResult, AccountChange.Action, Settings) {
        let prompt = TerminalPrompt()
        defer { prompt?.finish() }
        try basis.requireSomebodyToAsk(prompt)
        let settings = try common.settings()
        let session = try await common.session(by: settings, finding: key)
        try session.rights.requireChanges()
        let account = try await find(session)
        let chosen = try await action(session, account, prompt)
        try session.rights.require(chosen.kind)
        let change = AccountChange(
            account: account, action: chosen, context: context, requestID: requestID == nil ? nil : id)
        if basis.dryRun { return (try await session.changes.rehearse(change), chosen, settings) }
        if !basis.yes, let prompt {
            let needsApproval =
                if chosen.kind.standsAlone { false } else { try await session.changes.isProtected(account) }
            try Self.confirm(
                account, chosen, in: settings.database.label, needsApproval: needsApproval, prompt)
        }
        return (try await session.changes.perform(change) { Output.say($0) }, chosen, settings)
    }

    private func print(
        _ result: ChangeResult, _ common: CommonOptions, _ settings: Settings, secretName: String,
        action: AccountChange.Action
    ) throws(CommandFailure) {
        do throws(CommandFailure) {
            let label = settings.database.label
            let text = TextForms.result(result, action: action.kind, in: label, alphabet: settings.alphabet)
            if common.json {
                try Output.data(JSONForms.result(result, in: label, secretName: secretName).text)
            } else if result.outcome == .done || result.outcome == .wouldDo {
                try Output.line(text)
            } else {
                Output.say(text)
            }
        } catch {
            throw result.outcome == .done ? Self.done(result, butNotWritten: error) : error
        }
    }

    /// Wrong usage and an answer of no are not outcomes of a change.
    static func isWorthAnObject(_ error: any Error) -> Bool {
        guard let failure = error as? CommandFailure else { return true }
        return failure.status == .refused || failure.status == .noAccount
    }

    private static func done(_ result: ChangeResult, butNotWritten failure: CommandFailure) -> CommandFailure {
        let receipt = result.receipt.map { " (receipt \($0.sequence))" } ?? ""
        let loss = result.newSecret == nil ? "" : " The new value is lost: reset it again."
        return CommandFailure(
            failure.status,
            "The change was made\(receipt), but the result could not be written to standard output.\(loss)")
    }

    private func requestUUID() throws(CommandFailure) -> UUID {
        guard let requestID else { return UUID() }
        guard let id = UUID(uuidString: requestID) else {
            throw CommandFailure(.usage, "--request-id must be a UUID, as printed by an earlier call.")
        }
        return id
    }

    private static func confirm(
        _ account: Account, _ action: AccountChange.Action, in label: EnvironmentLabel?, needsApproval: Bool,
        _ prompt: TerminalPrompt
    ) throws(CommandFailure) {
        Output.say(TextForms.account(account))
        if !account.isActive, action != .setActive(true) {
            Output.say(
                "This account is inactive: even after the change, the person cannot sign in until it is activated.")
        }
        var answer = "yes"
        if needsApproval {
            Output.say("This account is protected: a supervisor has to approve the change.")
            // Who has no username must not be confirmed by Enter alone.
            answer = [account.username, account.email].first { !$0.isEmpty } ?? account.idText
        }
        let asked = TextForms.question(action.kind.words.question, in: label)
        let question = "\(asked) Type \(DisplayText.visible(answer)) to confirm: "
        guard try prompt.line(question) == answer else {
            Output.say("Nothing was changed.")
            throw .silent(.declined)
        }
    }
}
