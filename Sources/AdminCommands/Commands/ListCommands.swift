import AccountDisplay
internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
internal import JSONText
import TerminalKit

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", _superCommandName: Program.name, abstract: "List accounts.",
        discussion:
            "On a terminal, columns fit its width; into a pipe or file, fields are separated by a TAB.\n\nExample: \(Program.name) list --filter inactive --sort -login --limit 20"
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var listing: ListingOptions

    func run() async throws { try await listing.run(text: "", common) }
}

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", _superCommandName: Program.name,
        abstract: "Find accounts by e-mail address, username, name or id.",
        discussion: """
            All words must match, ignoring case and accents. Words of one or two letters match only the start of a name \
            or address. For an id, its first four digits are enough. An exact match comes first, if the filters allow it.

            If nobody matches and there is a search index, people whose names sound or are typed alike are shown, marked \
            as “alike”; commands that change an account never take one of these for it.

            Example: \(Program.name) search carter example.org
            """)

    @Argument(help: "Words to search for.") var text: [String]
    @Flag(name: .long, help: "Only people who match; nobody who is alike.") var exact = false
    @OptionGroup var common: CommonOptions
    @OptionGroup var listing: ListingOptions

    func validate() throws {
        guard text.contains(where: { !$0.isEmpty }) else {
            throw ValidationError("Give at least one word to search for.")
        }
    }

    func run() async throws {
        try await listing.run(text: text.joined(separator: " "), isSearch: true, orAlike: !exact, common)
    }
}

/// How a list is limited and sorted.
struct ListingOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Maximum number of results.", valueName: "number")) var limit: Int?

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp(
            "Sort by \(AccountOrder.Column.allCases.map(\.rawValue).joined(separator: ", ")); with - in front: descending.",
            valueName: "column"))
    var sort: String = "email"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only these accounts: \(AccountSelection.Filter.spellings); may be repeated.",
            valueName: "filter"))
    var filter: [String] = []

    func validate() throws {
        _ = try order()
        _ = try filters()
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more.") }
    }

    /// Writes whom it is limited to; where nobody has the words and `orAlike`, who is alike.
    func run(text: String, isSearch: Bool = false, orAlike: Bool = false, _ common: CommonOptions) async throws {
        let session = try await common.session()
        let begin = ContinuousClock.now
        let selection = AccountSelection(text: text, filters: try filters(), order: try order())
        var remaining = limit ?? .max
        var table = AccountTable()
        // Whom the text names exactly comes first, over and above the page, and again at the usual place.
        var firstIDs: Swift.Set<UUID>?
        var isAnybodyThere = false
        var fetch: Task<AccountDirectory.Page, any Error>? = Self.page(session, selection, after: nil, limit: remaining)
        while let current = fetch, remaining > 0 {
            let page = try await current.value
            let accounts = page.accounts.filter { firstIDs?.contains($0.id) != true }.prefix(remaining)
            remaining -= accounts.count
            // The next page is on its way while this one is written.
            fetch =
                page.hasMore ? Self.page(session, selection, after: page.accounts.last, limit: remaining) : nil
            try write(Array(accounts), match: isSearch ? .exact : nil, in: &table, json: common.json)
            firstIDs = firstIDs ?? Swift.Set(accounts.map(\.id))
            isAnybodyThere = isAnybodyThere || !accounts.isEmpty
        }
        if !isAnybodyThere {
            let hidden = try await Self.hidden(session, selection)
            // Whom the filters hide matches.
            if hidden.number == 0, orAlike, try await writeAlike(selection, session, common) { return }
            if !common.json { Output.say(Self.nobody(selection, hidden)) }
        }
        if common.json { return }
        if !selection.words.isEmpty, !session.accounts.hasSearchIndex, .now - begin > .milliseconds(500) {
            Output.say(
                "This search read the whole table. To speed up searches: “\(Program.name) migrate --search-index”.")
        }
    }

    /// Rows of a page: enough that a request more or less does not matter, and more where each sorts the whole table.
    private static func page(
        _ session: AdminSession, _ selection: AccountSelection, after last: Account?, limit: Int
    ) -> Task<AccountDirectory.Page, any Error> {
        let rows = selection.order.hasIndex ? 2000 : 20_000
        return Task { try await session.accounts.page(of: selection, after: last, limit: max(1, min(limit, rows))) }
    }

    /// Writes those who are only alike; false where there is nobody.
    private func writeAlike(_ selection: AccountSelection, _ session: AdminSession, _ common: CommonOptions)
        async throws -> Bool
    {
        var selection = selection
        selection.isAlike = true
        let alike = try await session.accounts.page(of: selection, limit: limit ?? AccountDirectory.mostAlike).accounts
        if alike.isEmpty { return false }
        if !common.json { Output.say("No accounts found. Names that sound or are typed alike:") }
        var table = AccountTable(match: .alike)
        try write(alike, match: .alike, in: &table, json: common.json)
        return true
    }

    private func write(_ accounts: [Account], match: SearchMatch?, in table: inout AccountTable, json: Bool) throws {
        guard !accounts.isEmpty else { return }
        guard json else { return try Output.data(table.text(accounts)) }
        var lines: [UInt8] = []
        lines.reserveCapacity(accounts.count * 512)
        for account in accounts {
            lines += JSONForms.account(account, match: match).bytes
            lines.append(UInt8(ascii: "\n"))
        }
        try Output.data(lines)
    }

    /// That nobody was found, and why that may be.
    private static func nobody(_ selection: AccountSelection, _ hidden: ListCount) -> String {
        let reasons =
            hidden.number > 0
            ? [NobodyFound.hidden(hidden, by: selection.filters) + ": leave out --filter."]
            : NobodyFound.rules(of: selection)
        return (["No accounts found."] + reasons).joined(separator: " ")
    }

    /// How many the filters hide who have the words.
    private static func hidden(_ session: AdminSession, _ selection: AccountSelection) async throws -> ListCount {
        guard !selection.filters.isEmpty, !selection.words.isEmpty else { return ListCount(0) }
        var all = selection
        all.filters = []
        return ListCount(try await session.accounts.count(of: all, most: mostCounted + 1), most: mostCounted)
    }

    private static let mostCounted = 50_000

    private func order() throws -> AccountOrder {
        let name = sort.hasPrefix("-") ? String(sort.dropFirst()) : sort
        guard let column = AccountOrder.Column(rawValue: name) else {
            let names = AccountOrder.Column.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--sort must be one of \(names).")
        }
        return AccountOrder(column, descending: sort.hasPrefix("-"))
    }

    private func filters() throws -> [AccountSelection.Filter] {
        try filter.flatMap { $0.split(separator: ",") }.map { name in
            guard let filter = AccountSelection.Filter(parsing: String(name)) else {
                throw ValidationError(
                    "--filter must be one of \(AccountSelection.Filter.spellings); the numbers are days.")
            }
            return filter
        }
    }
}

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", _superCommandName: Program.name, abstract: "Show one account.",
        discussion: "Example: \(Program.name) show anna@example.org")

    @Argument(help: "E-mail address, username or id of the account.") var account: String
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let session = try await common.session(showing: account)
        let found = try await session.accounts.find(account, among: session.candidates)
        let dossier = await session.dossier(of: found)
        // What only those may see who change, decide or audit is left out for others.
        var facts = PersonFacts(found)
        facts.take(dossier, mayReadLog: session.rights.mayReadLog)
        if common.json { return try Output.data(JSONForms.account(facts).text) }
        if facts.waitsForMail { facts.mailWarning = try? await session.changes.mailState().warning }
        let standing = facts.standing(DisplayContext(session, found))
        try Output.data(TextForms.account(found, freeze: facts.obstacles?.freeze, standing: standing))
    }
}
