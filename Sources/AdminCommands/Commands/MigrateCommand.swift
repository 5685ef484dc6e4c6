internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
import Glibc
import JSONText
import ProgramStart
import SchemaMaintenance
import TerminalKit

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Install or update the console's schema.",
        discussion: """
            Installs the schema beside the application's tables, in one transaction. Shows what it will do, and asks first. \
            You can run it again at any time. The application's tables stay as they are; only --watch-direct-changes adds a \
            trigger. Run --detach, --uninstall, --search-index and --drop-search-index on their own.

            Example: \(Program.name) migrate --grant-operator anna --grant-auditor bert
            """)

    @Flag(name: .long, help: "Skip the confirmation; required without a terminal.") var yes = false
    @Flag(name: .long, help: "Print the SQL; change nothing.") var print = false
    @Option(name: .customLong("grant-viewer"), help: ArgumentHelp("Let this role view accounts.", valueName: "role"))
    var viewers: [String] = []
    @Option(
        name: .customLong("grant-operator"),
        help: ArgumentHelp("Let this role also reset passwords and PINs, and set status.", valueName: "role"))
    var operators: [String] = []
    @Option(
        name: .customLong("grant-auditor"),
        help: ArgumentHelp("Let this role view accounts and the whole log.", valueName: "role"))
    var auditors: [String] = []
    @Option(
        name: .customLong("grant-supervisor"),
        help: ArgumentHelp("Let this role change the policy and decide requests.", valueName: "role"))
    var supervisors: [String] = []
    @Option(
        name: .customLong("grant-selfservice"),
        help: ArgumentHelp("Let this role run convonet-self-service.", valueName: "role"))
    var selfServices: [String] = []
    @Option(
        name: .customLong("grant-application"),
        help: ArgumentHelp("Let this role, the application's, see when passwords changed.", valueName: "role"))
    var applications: [String] = []
    @Option(
        name: .customLong("grant-scheduler"),
        help: ArgumentHelp("Let this role run “convonet-admin tidy”, and nothing else.", valueName: "role"))
    var schedulers: [String] = []
    @Option(
        name: .customLong("role-prefix"),
        help: ArgumentHelp("Prefix of the role names, for a second installation on the server.", valueName: "prefix"))
    var rolePrefix: String?
    @Flag(name: .customLong("without-roles"), help: "Install without roles: everyone works as one database user.")
    var withoutRoles = false
    @Flag(
        name: .customLong("watch-direct-changes"),
        help:
            "Add a trigger to the application's table that logs changes made outside the console."
    )
    var watch = false
    @Flag(name: .long, help: "Remove the trigger of --watch-direct-changes.") var unwatch = false
    @Flag(
        name: .long,
        help:
            "Make functions, views and rights anew, and keep no row but the log and the policy: after somebody else had the owner's rights."
    )
    var rebuild = false
    @Flag(
        name: .customLong("follow-log"),
        help:
            "Let the log's head follow the events after it, and who is frozen and whose tokens ended the log: once older ones were restored."
    )
    var followLog = false
    @Flag(
        name: .long,
        help: "Remove views and trigger, so that the application can alter its table; migrate restores them.")
    var detach = false
    @Flag(name: .long, help: "Remove everything; needs --export if the log has events.") var uninstall = false
    @Flag(
        name: .customLong("search-index"),
        help: "Build the index for fast searches in a large table, without blocking the application.")
    var searchIndex = false
    @Flag(name: .customLong("drop-search-index"), help: "Drop the search index.") var dropSearchIndex = false
    @Option(
        name: .long, help: ArgumentHelp("New file for the log, as JSON Lines, before --uninstall.", valueName: "file"))
    var export: String?
    @OptionGroup var common: CommonOptions

    func validate() throws { try checkTogether() }

    func run() async throws {
        let environment = ProcessEnvironment.current()
        let settings = try common.settings()
        let pool = try settings.pool(environment: environment)
        let migrator = Migrator(pool)
        let label = settings.database.label
        if detach { return try await run(migrator, detaching: settings.database.usersTable, label) }
        if searchIndex || dropSearchIndex {
            let index = SearchIndex(pool, table: settings.database.usersTable)
            let work = SearchIndexMigration(index: index, label: label, yes: yes, print: print, json: common.json)
            return try await searchIndex ? work.build(report) : work.drop(report)
        }
        if uninstall {
            let work = Uninstall(
                migrator: migrator, roles: InstalledRoles(pool), exportPath: export, label: label, yes: yes)
            try await work.run()
            return try report("done", "Done\(TextForms.place(label)).")
        }
        let request = MigrationRequest(
            usersTable: settings.database.usersTable, rolePrefix: rolePrefix ?? settings.database.rolePrefix,
            insistsOnPrefix: rolePrefix != nil, withoutRoles: withoutRoles,
            grants: viewers.map { .init(kind: .viewer, role: $0) } + operators.map { .init(kind: .operator, role: $0) }
                + auditors.map { .init(kind: .auditor, role: $0) }
                + supervisors.map { .init(kind: .supervisor, role: $0) }
                + selfServices.map { .init(kind: .selfservice, role: $0) }
                + applications.map { .init(kind: .application, role: $0) }
                + schedulers.map { .init(kind: .scheduler, role: $0) },
            watchesDirectChanges: watch ? true : unwatch ? false : nil, rebuilds: rebuild, followsLog: followLog)
        let plan = try await migrator.plan(request)
        if print { return try Output.data("BEGIN;\n\(plan.script)COMMIT;") }
        if !plan.notes.isEmpty { Output.say(plan.notes.map { "Note: \(Output.indented($0))" }.joined(separator: "\n")) }
        guard !plan.isEmpty else {
            return try report("nothing to do", "Nothing to do: everything is up to date.")
        }
        if let label { Output.say(TextForms.environment(label)) }
        Output.say(plan.summary.map { "- \(Output.indented($0))" }.joined(separator: "\n"))
        try Confirmation.ask("Continue?", in: label, yes: yes)
        _ = try await migrator.migrate(request)
        try report("done", "Done\(TextForms.place(label)).")
    }

    /// How it ended: an object for programs, words for people.
    private func report(_ outcome: String, _ words: String) throws(CommandFailure) {
        guard common.json else { return Output.say(words) }
        var object = JSONObject()
        object.add("format", JSONForms.format)
        object.add("outcome", outcome)
        try Output.data(object.text)
    }

    private func run(_ migrator: Migrator, detaching users: QualifiedName, _ label: EnvironmentLabel?) async throws {
        if print { return try Output.data("BEGIN;\n\(await migrator.detachScript())COMMIT;") }
        Output.say(
            "- Remove the views of accounts and teams, and the trigger on \(users). The console does not work until migrate is "
                + "run again.")
        try Confirmation.ask("Continue?", in: label, yes: yes)
        try await migrator.detach()
        try report("done", "Done. Run “\(Program.name) migrate” to restore them.")
    }
}

/// `yes`, from the flag or the person.
enum Confirmation {
    static func ask(_ question: String, in label: EnvironmentLabel?, yes: Bool) throws(CommandFailure) {
        if yes { return }
        guard let prompt = TerminalPrompt() else {
            throw CommandFailure(.usage, "No terminal to ask on: add --yes.")
        }
        defer { prompt.finish() }
        guard try prompt.line("\(TextForms.question(question, in: label)) Type yes to confirm: ") == "yes" else {
            Output.say("Nothing was changed.")
            throw .silent(.declined)
        }
    }
}
