internal import ArgumentParser
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
internal import JSONText
import OperatingSystem
import PostgresClient
import ProgramStart
import TerminalKit

struct VerifyCallerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify-caller",
        abstract: "Find out who is speaking: send a code that the caller reads back.",
        discussion: """
            The code has six digits, is valid for ten minutes and for you alone, and can be entered five times. What the \
            caller has proven by it counts for your changes of this account, for ten minutes (verification_minutes in the \
            policy). Without a terminal, the code is read from standard input.

            Example: \(Program.name) verify-caller bo36
            """)

    @Argument(help: "E-mail address, username or id of the account.") var account: String
    @Option(name: .long, help: "Reason, for the log.") var reason: String?
    @Option(name: .long, help: ArgumentHelp("Ticket, for the log.", valueName: "id")) var ticket: String?
    @Flag(name: .customLong("text"), help: "Send the code to the account's telephone, where the site does that.")
    var byText = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let prompt = TerminalPrompt()
        defer { prompt?.finish() }
        // No code is sent that nobody can enter.
        guard prompt != nil || !StandardInput.isExhausted else {
            throw CommandFailure(.refused, "\(Self.noAnswer) No code was sent.")
        }
        let settings = try common.settings()
        let place = TextForms.place(settings.database.label)
        let session = try await common.session(by: settings)
        guard session.rights.mayChange else { throw AdminError.notPermitted(.changeCredentials) }
        let account = try await session.accounts.find(account)
        let context = ChangeContext(reason: reason, ticket: ticket)
        let key = CallerKey()
        let sent = try await session.callers.sendCode(
            to: account, by: byText ? .text : .mail, key: key, context: context)
        guard sent.isDone else { return try await end(sent, account, session, place) }
        Output.say("A code goes to \(TextForms.who(account))\(place). Ask the caller to read it to you.")
        if !byText, let warning = try await session.changes.mailState().warning { Output.say(warning) }
        while true {
            let code = try prompt?.line("Code: ") ?? StandardInput.secret(empty: Self.noAnswer).revealedText()
            if prompt == nil { try await awaitMail(account, session) }
            let result = try await session.callers.verify(account, code: code, key: key, context: context)
            let issued = result.isDone ? nil : try await session.callers.state(of: account).code
            if issued?.state == .undelivered {
                Output.say(
                    "The code could not be sent, so nothing that the caller reads out is it: verify them in another way."
                )
            }
            let mayTryAgain = ["code_wrong", "code_malformed", "code_not_sent"].contains(result.rule)
            guard prompt != nil, mayTryAgain, issued?.isOpen == true else {
                return try await end(result, account, session, place)
            }
            Output.say(RefusalHint.message(of: result) ?? "Refused.")
        }
    }

    private static let noAnswer =
        "There is no terminal to ask for the code, and standard input is empty. Run it in a terminal, or pipe what the caller reads "
        + "into it."

    /// Waits until the mail was sent, or will not be: what is read from a file is there before.
    private func awaitMail(_ account: Account, _ session: AdminSession) async throws {
        while try await session.changes.mailState().isAsking,
            let code = try await session.callers.state(of: account).code, code.state == .queued, code.triesLeft == nil
        {
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func end(
        _ result: CallerVerification.Result, _ account: Account, _ session: AdminSession, _ place: String
    ) async throws {
        let state = try? await session.callers.state(of: account)
        let receipt = result.receipt.map { " Receipt \($0.sequence)\(place)." } ?? ""
        if common.json {
            try Output.data(JSONForms.caller(result, state, of: account).text)
        } else if result.isDone {
            let until = state?.proof.map { ", until \($0.until.localText)" } ?? ""
            try Output.line(
                "The caller has proven who they are: \(TextForms.who(account)), by "
                    + "\(CallerWay.words(state?.proof?.ways ?? "-")), "
                    + "\(state?.proof?.points ?? 0) points\(until).\(receipt)")
        } else {
            Output.say("Refused: \(RefusalHint.message(of: result) ?? "no reason given")\(receipt)")
        }
        if !result.isDone { throw CommandFailure.silent(result.isConflict ? .tryAgain : .refused) }
    }
}
