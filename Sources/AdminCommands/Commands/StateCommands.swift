internal import ArgumentParser
import ConvonetCore

struct ActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Lets a person sign in again.",
        discussion: "Example: \(Program.name) activate anna@example.org --reason \"back from leave\"")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setActive(true)) }
}

struct DeactivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deactivate", abstract: "Keeps a person from signing in; nothing of theirs is lost.",
        discussion: """
            Whoever is signed in already stays so until the application asks again.

            Example: \(Program.name) deactivate anna@example.org --ticket T-18
            """)

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setActive(false)) }
}

struct MarkVerifiedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark-verified", abstract: "Marks a person as verified.",
        discussion: "Example: \(Program.name) mark-verified anna@example.org --verified-by callback")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setVerified(true)) }
}

struct MarkUnverifiedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark-unverified", abstract: "Marks a person as not verified.",
        discussion: "Example: \(Program.name) mark-unverified anna@example.org --reason \"address was wrong\"")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setVerified(false)) }
}

extension ChangeOptions {
    /// Gives an account one of its states.
    fileprivate func run(_ common: CommonOptions, to action: AccountChange.Action) async throws {
        try await run(common, context: context()) { _, _, _ in action }
    }
}
