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
            The person can no longer sign in. \(StandingSessions.note)

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

struct FreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze",
        abstract: "Let nobody change an account until a supervisor unfreezes it.",
        discussion: """
            For supervisors. The reason is shown to whoever opens the account. The person can sign in as before, and set their \
            own password.

            Example: \(Program.name) freeze bo36 --reason "call security before you touch this"
            """)

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setFrozen(true)) }
}

struct UnfreezeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unfreeze", abstract: "Let an account be changed again; for supervisors.",
        discussion: "Example: \(Program.name) unfreeze bo36 --reason \"talked to security\"")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .setFrozen(false)) }
}

struct UnblockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unblock",
        abstract: "Forget wrong old passwords that keep a person from setting another.",
        discussion: "Example: \(Program.name) unblock bo36 --reason \"typed it wrong\"")

    @OptionGroup var change: ChangeOptions
    @OptionGroup var common: CommonOptions

    func run() async throws { try await change.run(common, to: .unblock) }
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
