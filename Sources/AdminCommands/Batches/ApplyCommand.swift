internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
internal import JSONText
internal import PostgresClient
import ProgramStart

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make one change for everybody in a CSV file, one after the other.",
        discussion: """
            The first line names the columns. People are read from the column id, email, e-mail, username or account, or from \
            --column. Everybody must be found, and only once, and be called what these columns say, or nothing is changed. Then it is tried for each person, \
            shown, and asked once. Whoever cannot be changed is left out and told.

            Run the same command again after an interruption or a limit: it does only what is missing. A batch is known by its \
            people, action, reason, ticket and verification, whatever the file's order; with --batch, by that name and the action \
            instead. For each person a batch is carried out once, and never again: to repeat it on purpose, or to go on with \
            another file, give it a name.

            Actions: \(AccountAction.forMany.map(\.optionName).joined(separator: ", ")).

            Example: \(Program.name) apply left.csv --action deactivate --ticket T-18 --dry-run
            """)

    @Argument(help: ArgumentHelp("CSV file with a header, in UTF-8.", valueName: "file"), completion: .file())
    var file: String
    @Option(name: .long, help: ArgumentHelp("What to do with everybody.", valueName: "action")) var action: String
    @Option(name: .long, help: ArgumentHelp("Column with e-mail addresses, usernames or ids.", valueName: "header"))
    var column: String?
    @Option(name: .long, help: ArgumentHelp("Name by which to know this batch again.", valueName: "name"))
    var batch: String?
    @Flag(
        name: .customLong("local-password"),
        help: "With send-reset-link: also to people who sign in with SSO.")
    var localPassword = false
    @OptionGroup var basis: ChangeBasis
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if AccountChange.Action(forMany: action) == nil {
            if let why = AccountAction.whyNotForMany(action) { throw ValidationError(why) }
            throw ValidationError(
                "--action must be one of \(AccountAction.forMany.map(\.optionName).joined(separator: ", ")).")
        }
        if let batch, !(1...100).contains(batch.utf8.count) {
            throw ValidationError("--batch must have 1 to 100 bytes.")
        }
        if localPassword, action != AccountAction.sendResetLink.optionName {
            throw ValidationError("--local-password is for --action send-reset-link.")
        }
    }

    func run() async throws {
        let prompt = TerminalPrompt()
        defer { prompt?.finish() }
        try basis.requireSomebodyToAsk(prompt)
        var run: BatchRun
        do {
            run = try await begin()
        } catch {
            if common.json, ChangeTerms.isWorthAnObject(error) {
                try Output.data(JSONForms.batchFailure(error).text)
            }
            throw error
        }
        if basis.dryRun { return try run.tell() }
        if !basis.yes, let prompt { run = try await run.confirmed(prompt) } else { run.sayWhatIsRead() }
        try await run.carryOut()
    }

    /// Finds everybody, and what would become of each.
    private func begin() async throws -> BatchRun {
        guard let action = AccountChange.Action(forMany: action) else {
            throw CommandFailure(.usage, "There is no such action.")
        }
        let people = try PeopleFile(file, column: column)
        let settings = try common.settings()
        let session = try await common.session(by: settings)
        try session.rights.requireChanges()
        try session.rights.require(action.kind)
        let finding = ProgressLine("Finding", unit: "people", isWanted: !common.json)
        defer { finding.clear() }
        let accounts = try await people.accounts(session.accounts, progress: finding)
        let batch = Batch(
            accounts, action: action, context: basis.context(localPassword: localPassword), name: batch,
            user: session.connection.user)
        return try await BatchRun(
            batch, from: people, session, in: settings.database.label, isJSON: common.json,
            isAsked: !basis.yes && !basis.dryRun)
    }
}
