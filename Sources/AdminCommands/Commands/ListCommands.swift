internal import ArgumentParser
import ConvonetCore
import FoundationEssentials

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists accounts.",
        discussion:
            "On a terminal the columns fit it; elsewhere a TAB stands between them.\n\nExample: \(Program.name) list --filter inactive --sort -login --limit 20"
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var listing: ListingOptions

    func run() async throws { try await listing.run(text: "", common) }
}

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Finds accounts by e-mail address, username, names or id.",
        discussion: """
            All words must match somewhere, in any case and without regard to accents; those of one or two letters at \
            the beginning of a name or an address. An id may be given by its first four digits or more. Somebody whom \
            the text names exactly comes first, where the filters let them through.

            Example: \(Program.name) search carter example.org
            """)

    @Argument(help: "Words to look for.") var text: [String]
    @OptionGroup var common: CommonOptions
    @OptionGroup var listing: ListingOptions

    func validate() throws {
        guard text.contains(where: { !$0.isEmpty }) else {
            throw ValidationError("Give at least one word to look for.")
        }
    }

    func run() async throws { try await listing.run(text: text.joined(separator: " "), common) }
}

/// How a list is limited and sorted.
struct ListingOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "number")) var limit: Int?

    @Option(
        name: .long, parsing: .unconditional,
        help: ArgumentHelp(
            "Sort by \(AccountOrder.Column.allCases.map(\.rawValue).joined(separator: ", ")); with - in front, backwards.",
            valueName: "column"))
    var sort: String = "email"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Only \(AccountSelection.Filter.spellings); may be given several times.",
            valueName: "filter"))
    var filter: [String] = []

    func validate() throws {
        _ = try order()
        _ = try filters()
        if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1.") }
    }

    func run(text: String, _ common: CommonOptions) async throws {
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
            try write(Array(accounts), in: &table, json: common.json)
            firstIDs = firstIDs ?? Swift.Set(accounts.map(\.id))
            isAnybodyThere = isAnybodyThere || !accounts.isEmpty
        }
        if common.json { return }
        if !isAnybodyThere { Output.say("Nobody found." + Self.shortWords(selection)) }
        if !selection.words.isEmpty, !session.accounts.hasSearchIndex, .now - begin > .milliseconds(500) {
            Output.say("Searches read the whole table; “\(Program.name) migrate --search-index” makes them immediate.")
        }
    }

    /// Rows of a page: enough that a request more or less does not matter, and more where each sorts the whole table.
    private static func page(
        _ session: AdminSession, _ selection: AccountSelection, after last: Account?, limit: Int
    ) -> Task<AccountDirectory.Page, any Error> {
        let rows = selection.order.hasIndex ? 2000 : 20_000
        return Task { try await session.accounts.page(of: selection, after: last, limit: max(1, min(limit, rows))) }
    }

    private func write(_ accounts: [Account], in table: inout AccountTable, json: Bool) throws {
        guard !accounts.isEmpty else { return }
        guard json else { return try Output.data(table.text(accounts)) }
        var lines: [UInt8] = []
        lines.reserveCapacity(accounts.count * 512)
        for account in accounts {
            lines += JSONForms.account(account).bytes
            lines.append(UInt8(ascii: "\n"))
        }
        try Output.data(lines)
    }

    private static func shortWords(_ selection: AccountSelection) -> String {
        let words = selection.words.filter(SearchFold.matchesBeginningsOnly)
        if words.isEmpty { return "" }
        return " Words as short as “\(words.joined(separator: "”, “"))” are looked for at beginnings only."
    }

    private func order() throws -> AccountOrder {
        let name = sort.hasPrefix("-") ? String(sort.dropFirst()) : sort
        guard let column = AccountOrder.Column(rawValue: name) else {
            let names = AccountOrder.Column.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--sort takes one of \(names).")
        }
        return AccountOrder(column, descending: sort.hasPrefix("-"))
    }

    private func filters() throws -> [AccountSelection.Filter] {
        try filter.flatMap { $0.split(separator: ",") }.map { name in
            guard let filter = AccountSelection.Filter(parsing: String(name)) else {
                throw ValidationError("--filter takes one of \(AccountSelection.Filter.spellings); the number is days.")
            }
            return filter
        }
    }
}

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one account.",
        discussion: "Example: \(Program.name) show anna@example.org")

    @Argument(help: "E-mail address, username or id.") var account: String
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let found = try await common.session().accounts.find(account)
        if common.json {
            try Output.data(JSONForms.account(found).text)
        } else {
            try Output.data(TextForms.account(found))
        }
    }
}
