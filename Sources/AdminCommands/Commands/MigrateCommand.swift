internal import ArgumentParser
import ConvonetCore
import Glibc
import ProgramStart

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Installs the console's own schema beside the application's tables, or brings it up to date.",
        discussion: """
            Shows what it will do and asks first. It never changes the application's tables, but for a trigger where \
            --watch-direct-changes asks for one. Everything happens in one transaction, and it can be run again at any \
            time. What one run would not do is refused: an installation, --detach, --uninstall and the search index are \
            runs of their own.

            Example: \(Program.name) migrate --grant-operator anna --grant-auditor bert
            """)

    @Flag(name: .long, help: "Do not ask for “yes”; needed without a terminal.") var yes = false
    @Flag(name: .long, help: "Print the SQL and change nothing.") var print = false
    @Option(name: .customLong("grant-viewer"), help: ArgumentHelp("Let a role look.", valueName: "role"))
    var viewers: [String] = []
    @Option(
        name: .customLong("grant-operator"),
        help: ArgumentHelp("Let a role change credentials and states.", valueName: "role"))
    var operators: [String] = []
    @Option(name: .customLong("grant-auditor"), help: ArgumentHelp("Let a role read the log.", valueName: "role"))
    var auditors: [String] = []
    @Option(
        name: .customLong("grant-supervisor"),
        help: ArgumentHelp("Let a role change the policy and decide requests.", valueName: "role"))
    var supervisors: [String] = []
    @Option(
        name: .customLong("grant-selfservice"),
        help: ArgumentHelp("Let the role of convonet-self-service do its work.", valueName: "role"))
    var selfServices: [String] = []
    @Option(
        name: .customLong("grant-application"),
        help: ArgumentHelp("Let the application's role see when passwords were changed.", valueName: "role"))
    var applications: [String] = []
    @Option(
        name: .customLong("role-prefix"), help: ArgumentHelp("What the roles' names begin with.", valueName: "prefix"))
    var rolePrefix: String?
    @Flag(name: .customLong("without-roles"), help: "Install without roles.") var withoutRoles = false
    @Flag(
        name: .customLong("watch-direct-changes"),
        help:
            "Add a trigger to the application's table: credentials and states changed past the console get into the log."
    )
    var watch = false
    @Flag(name: .long, help: "Remove that trigger.") var unwatch = false
    @Flag(
        name: .long,
        help: "Take view and trigger away, so that the application can alter its table; migrate puts it back.")
    var detach = false
    @Flag(name: .long, help: "Remove everything; needs --export where there is a log.") var uninstall = false
    @Flag(
        name: .customLong("search-index"),
        help: "Build the index that makes search quick in a large table; the application goes on writing.")
    var searchIndex = false
    @Flag(name: .customLong("drop-search-index"), help: "Drop that index.") var dropSearchIndex = false
    @Option(name: .long, help: ArgumentHelp("Where --uninstall writes the log as JSON Lines.", valueName: "file"))
    var export: String?
    @OptionGroup var common: CommonOptions

    func validate() throws { try checkTogether() }

    func run() async throws {
        let environment = ProcessEnvironment.current()
        let settings = try Settings.load(explicitFile: common.config, environment: environment)
        let pool = try settings.pool(environment: environment)
        let migrator = Migrator(pool)
        if detach { return try await run(migrator, detaching: settings.usersTable) }
        if searchIndex || dropSearchIndex {
            let index = SearchIndex(pool, table: settings.usersTable)
            let work = SearchIndexMigration(index: index, yes: yes, print: print, json: common.json)
            return try await searchIndex ? work.build(report) : work.drop(report)
        }
        if uninstall {
            try await Uninstall(migrator: migrator, roles: InstalledRoles(pool), exportPath: export, yes: yes).run()
            return try report("done", "Done.")
        }
        let request = MigrationRequest(
            usersTable: settings.usersTable, rolePrefix: rolePrefix ?? settings.rolePrefix,
            insistsOnPrefix: rolePrefix != nil, withoutRoles: withoutRoles,
            grants: viewers.map { .init(kind: .viewer, role: $0) } + operators.map { .init(kind: .operator, role: $0) }
                + auditors.map { .init(kind: .auditor, role: $0) }
                + supervisors.map { .init(kind: .supervisor, role: $0) }
                + selfServices.map { .init(kind: .selfservice, role: $0) }
                + applications.map { .init(kind: .application, role: $0) },
            watchesDirectChanges: watch ? true : unwatch ? false : nil)
        let plan = try await migrator.plan(request)
        if print { return try Output.data("BEGIN;\n\(plan.script)COMMIT;") }
        guard !plan.isEmpty else {
            return try report("nothing to do", "Everything is in place; there is nothing to do.")
        }
        Output.say(plan.summary.map { "- \($0)" }.joined(separator: "\n"))
        try Confirmation.ask("Do this?", yes: yes)
        _ = try await migrator.migrate(request)
        try report("done", "Done.")
    }

    /// How it ended: an object for programs, words for people.
    private func report(_ outcome: String, _ words: String) throws(CommandFailure) {
        guard common.json else { return Output.say(words) }
        var object = JSONObject()
        object.add("format", JSONForms.format)
        object.add("outcome", outcome)
        try Output.data(object.text)
    }

    private func run(_ migrator: Migrator, detaching users: QualifiedName) async throws {
        if print { return try Output.data("BEGIN;\n\(MigrationPlan.detachScript(users))\nCOMMIT;") }
        Output.say(
            "- Takes the views of accounts and teams away, and the trigger on \(users); the console stands still until "
                + "migrate is run again.")
        try Confirmation.ask("Do this?", yes: yes)
        try await migrator.detach()
        try report("done", "Done. Run “\(Program.name) migrate” to put it back.")
    }
}

/// `yes`, from the flag or the person.
enum Confirmation {
    static func ask(_ question: String, yes: Bool) throws(CommandFailure) {
        if yes { return }
        guard let prompt = TerminalPrompt() else {
            throw CommandFailure(.usage, "Without a terminal nothing asks: add --yes.")
        }
        defer { prompt.finish() }
        guard try prompt.line("\(question) Type yes: ") == "yes" else {
            Output.say("Nothing was changed.")
            throw .silent(.declined)
        }
    }
}
