internal import ArgumentParser
import ConvonetCore
import ProgramStart

struct ResetPasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-password",
        abstract: "Sets a new password for one account.",
        discussion: """
            Asks for the new password twice, unless --generate makes one up or --stdin reads it. The password that was \
            set works at once, and the old one no longer.

            Example: \(Program.name) reset-password anna@example.org --generate --reason "forgot it"
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(name: .long, help: "Make a password up and print it.") var generate = false
    @Flag(name: .long, help: "Read the password from standard input; one line ending is removed.") var stdin = false
    @Flag(
        name: .customLong("allow-weak"), help: "Let a password through that is only weak or short, if the policy does.")
    var allowWeak = false
    @Flag(
        name: .customLong("local-password"),
        help: "Set a local password for somebody who signs in elsewhere.")
    var localPassword = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        if generate, stdin { throw CommandFailure(.usage, "--generate and --stdin exclude each other.") }
        try await change.run(common, secretName: "password", context: change.context(localPassword: localPassword)) {
            session, account, prompt in
            if generate { return .generatePassword }
            if stdin { return .setPassword(try StandardInput.secret(), allowWeak: allowWeak) }
            guard let prompt else {
                throw CommandFailure(.usage, "Without a terminal nothing asks: add --generate or --stdin.")
            }
            guard session.policy.allowsTyped else {
                Output.say("The policy lets nobody type a password: one is made up.")
                return .generatePassword
            }
            return try ask(session, account, prompt)
        }
    }

    private func ask(_ session: AdminSession, _ account: Account, _ prompt: TerminalPrompt) throws
        -> AccountChange.Action
    {
        Output.say("New password for \(TextForms.who(account))")
        while true {
            let password = try prompt.secret("New password: ")
            let assessment = session.changes.assess(password, for: account)
            var allowed = allowWeak
            if case .refused(let finding) = assessment.verdict(allowWeak: allowWeak) {
                Output.say(finding.message)
                guard finding.isOverridable else { continue }
                guard try prompt.line("Type weak to use it all the same, or press Enter to type another: ") == "weak"
                else {
                    continue
                }
                allowed = true
            }
            if try prompt.secret("The same again: ") == password { return .setPassword(password, allowWeak: allowed) }
            Output.say("The two entries differ. Type both again.")
        }
    }
}
