internal import AccountPolicy
internal import ArgumentParser
import ConvonetCore
import Credentials
import ProgramStart

struct ResetPINCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-pin", _superCommandName: Program.name,
        abstract: "Issue, set or clear the voice PIN of an account.",
        discussion: """
            Use --generate if you can: the database picks a free PIN that is hard to guess. A typed PIN may be refused \
            because it is taken or kept free; you are not told which.

            Example: \(Program.name) reset-pin bo36 --generate --reason "new phone"
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(name: .long, help: "Issue a PIN picked by the database, and print it.") var generate = false
    @Flag(name: .long, help: "Read the PIN from standard input, without its line ending.") var stdin = false
    @Flag(name: .long, help: "Remove the PIN.") var clear = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        if [generate, stdin, clear].filter({ $0 }).count > 1 {
            throw CommandFailure(.usage, "Use only one of --generate, --stdin and --clear.")
        }
        try await change.run(common, secretName: "pin", context: change.context()) { session, account, prompt in
            if generate { return .issuePIN }
            if clear { return .clearPIN }
            if stdin { return .setPIN(try StandardInput.secret()) }
            guard let prompt else {
                throw CommandFailure(.usage, "No terminal to ask on: add --generate, --stdin or --clear.")
            }
            guard session.policy.allowsTyped else {
                Output.say("The policy does not allow typed PINs, so one will be issued.")
                return .issuePIN
            }
            return try ask(session.policy, account, prompt)
        }
    }

    private func ask(_ policy: Policy, _ account: Account, _ prompt: TerminalPrompt) throws -> AccountChange.Action {
        Output.say("New voice PIN for \(TextForms.who(account))")
        while true {
            let pin = try prompt.secret("New voice PIN (just Enter to issue one): ")
            if pin.isEmpty { return .issuePIN }
            do {
                if let pattern = PINRules.weakness(of: try VoicePIN(parsing: pin, lengths: policy.pinLengths)) {
                    Output.say(pattern.message)
                    continue
                }
            } catch {
                Output.say(error.message)
                continue
            }
            if try prompt.secret("Repeat PIN: ") == pin { return .setPIN(pin) }
            Output.say("The two entries do not match. Type both again.")
        }
    }
}
