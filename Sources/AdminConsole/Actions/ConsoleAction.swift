import TerminalKit

/// Everything that can be done from the list or a person's page; the one table that keys, footer and palette go by.
enum ConsoleAction: String, CaseIterable, Sendable {
    case search, open, resetPassword, resetVoicePIN
    case filter, sort, clear, refresh
    case accountHistory, auditLog, copy
    case up, down, pageUp, pageDown, first, last
    case back, palette, redraw, suspend, quit

    /// What an action belongs to.
    enum Group: String, CaseIterable, Sendable {
        case find = "Find", change = "Change", move = "Move", screen = "Screen"
    }

    /// The action in a few words.
    var title: String {
        switch self {
        case .search: "search by e-mail, username, names or id"
        case .open: "open the account"
        case .resetPassword: "reset the password"
        case .resetVoicePIN: "reset or clear the voice PIN"
        case .filter: "filter the list by states"
        case .sort: "sort the list"
        case .clear: "clear search, filters and sort"
        case .refresh: "read anew"
        case .accountHistory: "what was done to this account"
        case .auditLog: "the log of everything"
        case .copy: "copy e-mail, username or id"
        case .up: "one up"
        case .down: "one down"
        case .pageUp: "a page back"
        case .pageDown: "a page on"
        case .first: "to the beginning"
        case .last: "to the end"
        case .back: "back"
        case .palette: "every action, with its key"
        case .redraw: "paint the screen anew"
        case .suspend: "suspend"
        case .quit: "quit"
        }
    }

    var group: Group {
        switch self {
        case .search, .open, .filter, .sort, .clear, .refresh, .accountHistory, .auditLog, .copy: .find
        case .resetPassword, .resetVoicePIN: .change
        case .up, .down, .pageUp, .pageDown, .first, .last: .move
        case .back, .palette, .redraw, .suspend, .quit: .screen
        }
    }

    /// The keys as people read them.
    var keyText: String {
        switch self {
        case .search: "/"
        case .open: "Enter"
        case .resetPassword: "p"
        case .resetVoicePIN: "v"
        case .filter: "f"
        case .sort: "s"
        case .clear: "c"
        case .refresh: "r F5"
        case .accountHistory: "a"
        case .auditLog: "A"
        case .copy: "y"
        case .up: "↑ k"
        case .down: "↓ j"
        case .pageUp: "PgUp Ctrl-U"
        case .pageDown: "PgDn Ctrl-D"
        case .first: "Home g"
        case .last: "End G"
        case .back: "Esc"
        case .palette: "? : F1"
        case .redraw: "Ctrl-L"
        case .suspend: "Ctrl-Z"
        case .quit: "q F10"
        }
    }

    /// The action that a key stands for where no text is typed.
    init?(_ key: Key) {
        switch key {
        case .character("/"): self = .search
        case .enter: self = .open
        case .character("p"): self = .resetPassword
        case .character("v"): self = .resetVoicePIN
        case .character("f"): self = .filter
        case .character("s"): self = .sort
        case .character("c"): self = .clear
        case .character("r"), .function(5): self = .refresh
        case .character("a"): self = .accountHistory
        case .character("A"): self = .auditLog
        case .character("y"): self = .copy
        case .up, .character("k"): self = .up
        case .down, .character("j"): self = .down
        case .pageUp, .control("u"): self = .pageUp
        case .pageDown, .control("d"): self = .pageDown
        case .home, .character("g"): self = .first
        case .end, .character("G"): self = .last
        case .escape, .left: self = .back
        case .character("?"), .character(":"), .function(1): self = .palette
        case .control("l"): self = .redraw
        case .control("z"): self = .suspend
        case .character("q"), .function(10), .control("c"): self = .quit
        default: return nil
        }
    }
}
