internal import AccountPolicy
internal import ArgumentParser
import ConvonetCore
import Credentials
import ProgramStart

struct ResetPasswordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-password", _superCommandName: Program.name,
        abstract: "Set a new password for an account, or issue a code for it.",
        discussion: """
            Asks for the new password twice, unless you add --generate, --stdin or --code. The new password works at once; the old \
            one stops working. [dictation] in the settings file says whether --generate makes letters and digits or words, \
            and in which alphabet it spells them.

            --code prints a code instead, for you to read out: the person enters it on the page that reset links lead to, \
            within 15 minutes (reset_code_minutes in the policy), and chooses a password that only they know. It needs \
            convonet-self-service; the old password works until then.

            Example: \(Program.name) reset-password bo36 --generate --reason "forgot it"
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(name: .long, help: "Generate a password, and print it.") var generate = false
    @Flag(name: .long, help: "Issue a code with which the person sets a password, and print it.") var code = false
    @Flag(name: .long, help: "Read the password from standard input, without its line ending.") var stdin = false
    @Flag(
        name: .customLong("allow-weak"), help: "Accept a weak or short password, if the policy allows it.")
    var allowWeak = false
    @Flag(
        name: .customLong("local-password"),
        help: "Set a local password for a person who signs in with SSO.")
    var localPassword = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        if [generate, stdin, code].count(where: \.self) > 1 {
            throw CommandFailure(.usage, "Use one of --generate, --stdin and --code.")
        }
        if code, allowWeak { throw CommandFailure(.usage, "--allow-weak is for a password that you type.") }
        try await change.run(
            common, secretName: code ? "code" : "password", context: change.context(localPassword: localPassword)
        ) { session, account, prompt in
            if code { return .issueResetCode }
            if generate { return .generatePassword }
            if stdin { return .setPassword(try StandardInput.secret(), allowWeak: allowWeak) }
            guard let prompt else {
                throw CommandFailure(.usage, "No terminal to ask on: add --generate, --stdin or --code.")
            }
            guard session.policy.allowsTyped else {
                Output.say("The policy does not allow typed passwords, so one will be generated.")
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
                guard try prompt.line("Type weak to use it anyway, or press Enter to type another: ") == "weak"
                else {
                    continue
                }
                allowed = true
            }
            if try prompt.secret("Repeat password: ") == password { return .setPassword(password, allowWeak: allowed) }
            Output.say("The two entries do not match. Type both again.")
        }
    }
}
