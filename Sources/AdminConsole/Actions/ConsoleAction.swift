import TerminalKit

/// Everything that can be done outside of dialogs; the one table that keys, footer and palette go by.
enum ConsoleAction: String, CaseIterable, Sendable {
    case search, open, resetPassword, resetVoicePIN, sendLink, revokeLinks, toggleActive, toggleVerified, approvals
    case filter, sort, clear, refresh
    case accountHistory, auditLog, verifyLog, copy
    case up, down, pageUp, pageDown, first, last
    case back, palette, redraw, suspend, quit

    /// What an action belongs to.
    enum Group: String, CaseIterable, Sendable {
        case find = "Find", change = "Change", move = "Move", screen = "Screen"
    }

    /// One line of the table.
    struct Entry: Sendable {
        var group: Group
        /// The action in a few words.
        var title: String
        /// The keys as people read them.
        var keyText: String
        var keys: [Key]

        fileprivate init(_ group: Group, _ title: String, _ keyText: String, _ keys: [Key]) {
            self.group = group
            self.title = title
            self.keyText = keyText
            self.keys = keys
        }
    }

    private var entry: Entry {
        switch self {
        case .search: Entry(.find, "search by e-mail, username, names or id", "/", [.character("/")])
        case .open: Entry(.find, "open what is selected", "Enter", [.enter])
        case .resetPassword: Entry(.change, "reset the password", "p", [.character("p")])
        case .resetVoicePIN: Entry(.change, "reset or clear the voice PIN", "v", [.character("v")])
        case .sendLink: Entry(.change, "send a link to set a password", "l", [.character("l")])
        case .revokeLinks: Entry(.change, "revoke the links that were sent", "L", [.character("L")])
        case .toggleActive: Entry(.change, "activate or deactivate the account", "x", [.character("x")])
        case .toggleVerified: Entry(.change, "mark as verified or not", "m", [.character("m")])
        case .approvals: Entry(.change, "approve or deny: what waits for a second person", "w", [.character("w")])
        case .filter: Entry(.find, "filter the list, or the log", "f", [.character("f")])
        case .sort: Entry(.find, "sort the list", "s", [.character("s")])
        case .clear: Entry(.find, "clear search, filters and sort", "c", [.character("c")])
        case .refresh: Entry(.find, "read anew", "r F5", [.character("r"), .function(5)])
        case .accountHistory: Entry(.find, "what was done to this account", "a", [.character("a")])
        case .auditLog: Entry(.find, "the log of everything", "A", [.character("A")])
        case .verifyLog: Entry(.find, "verify the log: recompute its chain", "V", [.character("V")])
        case .copy: Entry(.find, "copy e-mail, username or id", "y", [.character("y")])
        case .up: Entry(.move, "one up", "↑ k", [.up, .character("k")])
        case .down: Entry(.move, "one down", "↓ j", [.down, .character("j")])
        case .pageUp: Entry(.move, "a page back", "PgUp Ctrl-U", [.pageUp, .control("u")])
        case .pageDown: Entry(.move, "a page on", "PgDn Ctrl-D", [.pageDown, .control("d")])
        case .first: Entry(.move, "to the beginning", "Home g", [.home, .character("g")])
        case .last: Entry(.move, "to the end", "End G", [.end, .character("G")])
        case .back: Entry(.screen, "back", "Esc", [.escape, .left])
        case .palette:
            Entry(.screen, "every action, with its key", "? : F1", [.character("?"), .character(":"), .function(1)])
        case .redraw: Entry(.screen, "paint the screen anew", "Ctrl-L", [.control("l")])
        case .suspend: Entry(.screen, "suspend", "Ctrl-Z", [.control("z")])
        case .quit:
            Entry(.screen, "quit the list, else back", "q F10", [.character("q"), .function(10), .control("c")])
        }
    }

    var group: Group { entry.group }
    var title: String { entry.title }
    var keyText: String { entry.keyText }
    /// The key that the footer names.
    var firstKeyText: String { keyText.split(separator: " ").first.map(String.init) ?? "" }

    private static let byKey: [Key: ConsoleAction] = Dictionary(
        uniqueKeysWithValues: allCases.flatMap { action in action.entry.keys.map { ($0, action) } })

    /// The action that a key stands for where no text is typed.
    init?(_ key: Key) {
        guard let action = Self.byKey[key] else { return nil }
        self = action
    }
}
