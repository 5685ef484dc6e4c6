internal import ArgumentParser
import ConvonetCore
import OperatingSystem
import ProgramStart
import TerminalKit

struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Take back a reset of a password or voice PIN that was a slip.",
        discussion: """
            What was there before is valid again, and what was issued is not. It can be done by the operator who made the reset, \
            or by a supervisor, for 15 minutes (undo_minutes in the policy), unless the person has signed in since or the account \
            changed otherwise. Both stay in the log.

            Example: \(Program.name) undo 4711 --reason "wrong person"
            """)

    @Argument(help: "Receipt number of the reset.") var receipt: Int
    @OptionGroup var terms: ChangeTerms
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await terms.run(
            common, on: { try await $0.accounts.find(receipt: receipt) }, context: terms.context()
        ) { session, account, _ in
            if let reset = try await session.changes.undoable(of: account).first(where: { $0.receipt == receipt }) {
                Output.say(
                    "Receipt \(receipt): \(ActionName.doneWords(reset.action)), \(reset.occurredAt.localText), by "
                        + "\(DisplayText.visible(reset.actor.databaseUser)).")
            }
            return .undo(receipt: receipt)
        }
    }
}
