import ConvonetCore
import TerminalKit

/// Everything that can be done outside of dialogs; the one table that keys, footer and palette go by.
enum ConsoleAction: String, CaseIterable, Sendable {
    case search, open, resetPassword, resetVoicePIN, sendLink, revokeLinks, toggleActive, toggleVerified, approvals
    case filter, sort, clear, refresh, columns, times, previous, next
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
        case .approvals: Entry(.change, "pending approvals: approve or deny", "w", [.character("w")])
        case .filter: Entry(.find, "filter the list, the log, the activity", "f", [.character("f")])
        case .sort: Entry(.find, "sort the list", "s", [.character("s")])
        case .clear: Entry(.find, "clear search, filters and sort", "c", [.character("c")])
        case .refresh: Entry(.find, "reload", "r F5", [.character("r"), .function(5)])
        case .accountHistory: Entry(.find, "history of this account", "a", [.character("a")])
        case .auditLog: Entry(.find, "the whole log", "A", [.character("A")])
        case .verifyLog: Entry(.find, "verify the log (recompute its chain)", "V", [.character("V")])
        case .copy: Entry(.find, "copy e-mail, username or id", "y", [.character("y")])
        case .columns: Entry(.find, "choose the list's columns", "C", [.character("C")])
        case .times: Entry(.screen, "show times as relative, local or UTC", "t", [.character("t")])
        case .previous: Entry(.move, "previous person", "[", [.character("[")])
        case .next: Entry(.move, "next person", "]", [.character("]")])
        case .up: Entry(.move, "up", "↑ k", [.up, .character("k")])
        case .down: Entry(.move, "down", "↓ j", [.down, .character("j")])
        case .pageUp: Entry(.move, "previous page", "PgUp Ctrl-U", [.pageUp, .control("u")])
        case .pageDown: Entry(.move, "next page", "PgDn Ctrl-D", [.pageDown, .control("d")])
        case .first: Entry(.move, "first", "Home g", [.home, .character("g")])
        case .last: Entry(.move, "last", "End G", [.end, .character("G")])
        case .back: Entry(.screen, "back", "Esc", [.escape, .left])
        case .palette:
            Entry(.screen, "all actions and their keys", "? : F1", [.character("?"), .character(":"), .function(1)])
        case .redraw: Entry(.screen, "redraw the screen", "Ctrl-L", [.control("l")])
        case .suspend: Entry(.screen, "suspend", "Ctrl-Z", [.control("z")])
        case .quit:
            Entry(.screen, "quit (elsewhere: back)", "q F10", [.character("q"), .function(10), .control("c")])
        }
    }

    var group: Group { entry.group }
    var title: String { entry.title }
    var keyText: String { entry.keyText }
    /// The key that the footer names.
    var firstKeyText: String { keyText.split(separator: " ").first.map(String.init) ?? "" }

    /// The changes that it opens, of which one fits the account.
    var changes: [ChangeKind] {
        switch self {
        case .resetPassword: [.password]
        case .resetVoicePIN: [.voicePIN]
        case .sendLink: [.link]
        case .revokeLinks: [.revocation]
        case .toggleActive: [.deactivation, .activation]
        case .toggleVerified: [.unverification, .verification]
        default: []
        }
    }

    /// The change that it opens for an account: of several, that with which there is something to do.
    func change(of account: Account) -> ChangeKind? { changes.first { $0.idleness(account) == nil } ?? changes.first }

    /// The action whose key does what an action of the log is called.
    static func forAction(_ name: String) -> ConsoleAction? {
        ChangeKind.of(action: name).flatMap { kind in allCases.first { $0.changes.contains(kind) } }
    }

    private static let byKey: [Key: ConsoleAction] = Dictionary(
        uniqueKeysWithValues: allCases.flatMap { action in action.entry.keys.map { ($0, action) } })

    /// The action that a key stands for where no text is typed.
    init?(_ key: Key) {
        guard let action = Self.byKey[key] else { return nil }
        self = action
    }
}
