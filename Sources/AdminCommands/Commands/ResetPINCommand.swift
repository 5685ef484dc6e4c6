internal import ArgumentParser
import ConvonetCore
import ProgramStart

struct ResetPINCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-pin",
        abstract: "Issues, sets or clears the voice PIN of one account.",
        discussion: """
            Issue one with --generate wherever you can: the database draws a free PIN that is hard to guess. A typed \
            PIN may be refused because somebody has it or because it is kept free; which of the two is not said.

            Example: \(Program.name) reset-pin anna@example.org --generate --reason "new phone"
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(name: .long, help: "Let the database draw a PIN, and print it.") var generate = false
    @Flag(name: .long, help: "Read the PIN from standard input; one line ending is removed.") var stdin = false
    @Flag(name: .long, help: "Remove the PIN.") var clear = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        if [generate, stdin, clear].filter({ $0 }).count > 1 {
            throw CommandFailure(.usage, "--generate, --stdin and --clear exclude each other.")
        }
        try await change.run(common, secretName: "pin", context: change.context()) { session, account, prompt in
            if generate { return .issuePIN }
            if clear { return .clearPIN }
            if stdin { return .setPIN(try StandardInput.secret()) }
            guard let prompt else {
                throw CommandFailure(.usage, "Without a terminal nothing asks: add --generate, --stdin or --clear.")
            }
            guard session.policy.allowsTyped else {
                Output.say("The policy lets nobody type a PIN: one is issued.")
                return .issuePIN
            }
            return try ask(session.policy, account, prompt)
        }
    }

    private func ask(_ policy: Policy, _ account: Account, _ prompt: TerminalPrompt) throws -> AccountChange.Action {
        Output.say("New voice PIN for \(TextForms.who(account))")
        while true {
            let pin = try prompt.secret("New voice PIN (Enter alone: issue one): ")
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
            if try prompt.secret("The same again: ") == pin { return .setPIN(pin) }
            Output.say("The two entries differ. Type both again.")
        }
    }
}
