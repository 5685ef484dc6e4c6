internal import ArgumentParser
import ConvonetCore
import JSONText
import ProgramStart
internal import TerminalKit

struct TidyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tidy",
        abstract: "End temporary passwords, and delete old links, codes, mails and what can no longer be taken back.",
        discussion: """
            convonet-self-service does it by itself. Where that does not run, let a timer do it every minute, as a database \
            user who was granted it with “migrate --grant-scheduler” (docs/INSTALL.md): until then a temporary password goes \
            on to work, and the password hash or PIN from before a reset stays in the database, where only its functions read \
            it. Operators and supervisors can delete what is over, but not end passwords. The log keeps everything.

            Example: \(Program.name) tidy
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try common.settings()
        common.sayPlace(of: settings)
        let tidied = try await common.session(by: settings).changes.tidy()
        if common.json {
            var object = JSONObject()
            object.add("format", JSONForms.format)
            object.add("outcome", "done")
            if let label = settings.database.label { object.add("environment", label.name) }
            object.add("passwords", tidied == .everything)
            try Output.data(object.text)
        } else {
            Output.say(
                tidied == .everything
                    ? "Done."
                    : "Done, except for temporary passwords: these are ended by convonet-self-service, or by a user with "
                        + "“migrate --grant-scheduler”.")
        }
    }
}
