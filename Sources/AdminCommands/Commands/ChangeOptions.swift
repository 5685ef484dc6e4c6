internal import ArgumentParser
import ConvonetCore
import ProgramStart
import TerminalKit

/// What every change of an account takes.
struct ChangeOptions: ParsableArguments {
    @Argument(help: "E-mail address, username or id of the account.") var account: String
    @Argument(help: .hidden) var extra: [String] = []
    @OptionGroup var terms: ChangeTerms

    func context(localPassword: Bool = false) -> ChangeContext { terms.context(localPassword: localPassword) }

    /// Finds the account, asks, changes and prints: the way of every change. `secretName` is the JSON field of a new secret.
    func run(
        _ common: CommonOptions, secretName: String = "secret", context: ChangeContext,
        action: (AdminSession, Account, TerminalPrompt?) async throws -> AccountChange.Action
    ) async throws {
        try SecretArguments.refuse(extra)
        try await terms.run(
            common, finding: account, on: { try await $0.accounts.find(account, among: $0.candidates) },
            secretName: secretName, context: context, action: action)
    }
}
