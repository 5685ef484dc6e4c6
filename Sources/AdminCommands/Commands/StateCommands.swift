internal import ArgumentParser
import ConvonetCore

struct ActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate", abstract: "Activate an account, so the person can sign in.",
        discussion: "Example: \(Program.name) activate bo36 --reason \"back from leave\"")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setActive(true)) }
}

struct DeactivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deactivate",
        abstract: "Deactivate an account; nothing is deleted.",
        discussion: """
            The person can no longer sign in. Devices already signed in stay signed in until their session expires.

            Example: \(Program.name) deactivate anna@example.org --ticket T-18
            """)

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setActive(false)) }
}

struct MarkVerifiedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark-verified", abstract: "Mark an account as verified.",
        discussion: "Example: \(Program.name) mark-verified anna@example.org --verified-by callback")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setVerified(true)) }
}

struct MarkUnverifiedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mark-unverified", abstract: "Mark an account as unverified.",
        discussion: "Example: \(Program.name) mark-unverified bo36 --reason \"wrong address\"")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setVerified(false)) }
}

struct SignOutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-out",
        abstract: "Sign a person out on every device; password and PIN stay.",
        discussion: """
            Takes effect where the application asks the view convonet_admin.tokens_not_before whether a token still counts.

            Example: \(Program.name) sign-out bo36 --reason "lost the laptop"
            """)

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .signOut) }
}

extension ChangeOptions {
    /// Gives an account one of its states.
    fileprivate func run(_ common: CommonOptions, to action: AccountChange.Action) async throws {
        try await run(common, context: context()) { _, _, _ in action }
    }
}
