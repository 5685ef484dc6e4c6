package import AccountDisplay
package import ConvonetCore
import ConvonetDatabase
package import TerminalKit

/// Everything that can be done outside of dialogs; the one table that keys, footer and palette go by.
package enum ConsoleAction: String, CaseIterable, Sendable {
    case search, open, resetPassword, resetVoicePIN, sendLink, revokeLinks, toggleActive, toggleVerified, signOut,
        unblock, undo, freeze,
        unfreeze,
        verifyCaller
    case approvals
    case filter, sort, clear, refresh, columns, times, previous, next, backward, forward
    case accountHistory, auditLog, statistics, verifyLog, openAccount, copy, lastPeople, mark, markAll
    case up, down, pageUp, pageDown, first, last
    case environment, back, palette, redraw, suspend, quit

    /// What an action belongs to.
    package enum Group: String, CaseIterable, Sendable {
        case find = "Find", change = "Change", move = "Move", screen = "Screen"
    }

    /// One line of the table.
    private struct Entry {
        package var group: Group
        /// The action in a few words.
        package var title: String
        /// The keys as people read them.
        package var keyText: String
        package var keys: [Key]
        /// What the footer calls a change that the screen has no words of its own for.
        package var brief = ""
        /// The changes that it opens, of which one fits the account.
        package var changes: [ChangeKind] = []

        package init(_ group: Group, _ title: String, _ keyText: String, _ keys: [Key]) {
            (self.group, self.title, self.keyText, self.keys) = (group, title, keyText, keys)
        }

        package init(_ title: String, _ key: Character, _ brief: String, _ changes: ChangeKind...) {
            self.init(.change, title, String(key), [.character(key)])
            (self.brief, self.changes) = (brief, changes)
        }
    }

    private var entry: Entry {
        switch self {
        case .search: Entry(.find, "search accounts; in the log its events", "/", [.character("/")])
        case .open: Entry(.find, "open what is selected", "Enter", [.enter])
        case .resetPassword: Entry("reset the password", "p", "password", .password)
        case .resetVoicePIN: Entry("reset or clear the voice PIN", "v", "PIN", .voicePIN)
        case .sendLink: Entry("send a link to a password or PIN", "l", "link", .link)
        case .revokeLinks: Entry("revoke open links and codes", "L", "revoke links", .revocation)
        case .toggleActive: Entry("activate or deactivate the account", "x", "(de)activate", .deactivation, .activation)
        case .toggleVerified: Entry("mark as verified or not", "m", "(un)verify", .unverification, .verification)
        case .signOut: Entry("sign out on every device", "o", "sign out", .signOut)
        case .unblock: Entry("unblock: forget wrong old passwords", "u", "unblock", .unblocking)
        case .freeze: Entry("freeze the account: nobody changes it", "F", "freeze", .freeze)
        case .unfreeze: Entry("unfreeze the account", "U", "unfreeze", .unfreeze)
        case .undo: Entry("take back a reset that was a slip", "z", "take back", .undo)
        case .verifyCaller: Entry(.change, "verify the caller: who is speaking", "i", [.character("i")])
        case .approvals: Entry(.change, "pending approvals: approve or deny", "w", [.character("w")])
        case .filter: Entry(.find, "filter the list, the log, the activity", "f", [.character("f")])
        case .sort: Entry(.find, "sort the list", "s", [.character("s")])
        case .clear: Entry(.find, "clear search, filters and sort", "c", [.character("c")])
        case .refresh: Entry(.find, "reload", "r F5", [.character("r"), .function(5)])
        case .accountHistory: Entry(.find, "history of this account", "a", [.character("a")])
        case .auditLog: Entry(.find, "the whole log", "A", [.character("A")])
        case .statistics: Entry(.find, "statistics of the log", "S", [.character("S")])
        case .verifyLog: Entry(.find, "verify the log (recompute its chain)", "V", [.character("V")])
        case .openAccount: Entry(.find, "open the account of the event or request", "o", [.character("o")])
        case .copy: Entry(.find, "copy e-mail, username or id", "y", [.character("y")])
        case .lastPeople: Entry(.find, "go back to one of the last ten people", "'", [.character("'")])
        case .mark: Entry(.find, "mark or unmark the selected person", "Space", [.character(" ")])
        case .markAll: Entry(.find, "mark everybody who is found", "*", [.character("*")])
        case .columns: Entry(.find, "choose the list's columns", "C", [.character("C")])
        case .times: Entry(.screen, "show times as relative, local or UTC", "t", [.character("t")])
        case .previous: Entry(.move, "previous person", "[", [.character("[")])
        case .next: Entry(.move, "next person", "]", [.character("]")])
        case .backward: Entry(.move, "back to the screen before", "Ctrl-O", [.control("o")])
        case .forward: Entry(.move, "forward again", "Tab", [.tab])
        case .up: Entry(.move, "up", "↑ k", [.up, .character("k")])
        case .down: Entry(.move, "down", "↓ j", [.down, .character("j")])
        case .pageUp: Entry(.move, "previous page", "PgUp Ctrl-U", [.pageUp, .control("u")])
        case .pageDown: Entry(.move, "next page", "PgDn Ctrl-D", [.pageDown, .control("d")])
        case .first: Entry(.move, "first", "Home g", [.home, .character("g")])
        case .last: Entry(.move, "last", "End G", [.end, .character("G")])
        case .back: Entry(.screen, "back", "Esc", [.escape, .left])
        case .palette:
            Entry(.screen, "all actions and their keys", "? : F1", [.character("?"), .character(":"), .function(1)])
        case .environment: Entry(.screen, "go over to another environment", ":env", [])
        case .redraw: Entry(.screen, "redraw the screen", "Ctrl-L", [.control("l")])
        case .suspend: Entry(.screen, "suspend", "Ctrl-Z", [.control("z")])
        case .quit: Entry(.screen, "quit (elsewhere: back)", "q F10", [.character("q"), .function(10), .control("c")])
        }
    }

    package var group: Group { entry.group }
    package var title: String { entry.title }
    package var keyText: String { entry.keyText }
    /// The key that the footer names.
    package var firstKeyText: String { keyText.split(separator: " ").first.map(String.init) ?? "" }

    /// What the footer calls it where the screen has no words of its own; empty for what opens no change.
    package var brief: String { entry.brief }

    /// The changes that it opens, of which one fits the account.
    package var changes: [ChangeKind] { entry.changes }

    /// Whether it is for the person that is shown or selected.
    package var actsOnAccount: Bool { !changes.isEmpty || [.verifyCaller, .copy, .accountHistory].contains(self) }

    private var isSupervisors: Bool { changes.contains { $0.actions.allSatisfy(\.isSupervisors) } }

    /// Whether nobody does it while the account is frozen.
    package var isStoppedByFreeze: Bool { !changes.isEmpty && self != .unfreeze }

    /// Why it is not done to everybody who is marked; nil where it can be.
    package var reasonAgainstMany: String? {
        changes.flatMap(\.actions).contains(where: \.isForMany)
            ? nil
            : "This is for one person at a time: secrets are never made in bulk. l sends links; Esc takes the marks off."
    }

    /// Where it belongs, for a screen that has no such action; nil where it works everywhere.
    package var place: String? {
        switch self {
        case .open: "There is nothing to open here."
        case .filter, .clear: "This is for a list (Esc)."
        case .sort, .columns, .mark, .markAll: "This is for the list of accounts (Esc)."
        case .refresh: "What is shown here never changes."
        case .previous, .next: "This is for a person's page."
        case .verifyLog: "This is for the log (A)."
        case .openAccount: "This is for the log (A) and requests (w)."
        default: nil
        }
    }

    /// The change that it opens for an account: of several, that with which there is something to do.
    package func change(of account: Account) -> ChangeKind? {
        changes.first { $0.reasonWithoutEffect(account) == nil } ?? changes.first
    }

    /// The action that a step on a person's page is; nil where no key does that.
    package init?(_ step: NextStep) {
        switch step {
        case .verifyCaller: self = .verifyCaller
        case .unblock: self = .unblock
        case .sendLink: self = .sendLink
        case .undo(_): self = .undo
        case .decide: self = .approvals
        case .change(let name):
            let kind = ChangeKind.of(action: name)
            guard let action = kind.flatMap({ kind in Self.allCases.first { $0.changes.contains(kind) } }) else {
                return nil
            }
            self = action
        }
    }

    /// Why nobody with these rights can do it; nil where they can.
    package func refusal(_ context: ConsoleContext) -> String? {
        switch self {
        case _ where context.standby != nil && (!changes.isEmpty || self == .verifyCaller): Standby.refusal
        case _ where isSupervisors: context.mayDecide ? nil : "Only supervisors can do this. Ask one."
        case .undo where context.mayDecide: nil
        case _ where !changes.isEmpty || self == .verifyCaller: context.readOnlyReason
        case .approvals: context.approvalsReason
        case .copy where context.clipboardLimit == 0:
            "The console cannot reach the clipboard of a terminal of this type."
        case .environment: context.environments.refusal
        case .suspend where !context.allowsSuspend: "Suspending is turned off."
        case .auditLog, .statistics: context.mayReadLog ? nil : AdminError.notPermitted(.readLog).inConsole
        default: nil
        }
    }

    private static let byKey: [Key: [ConsoleAction]] = Dictionary(
        allCases.flatMap { action in action.entry.keys.map { ($0, [action]) } }, uniquingKeysWith: +)

    /// The actions that a key stands for where no text is typed, each on a screen of its own.
    package static func all(_ key: Key) -> [ConsoleAction] { byKey[key] ?? [] }

    /// The first of them.
    package init?(_ key: Key) {
        guard let action = Self.all(key).first else { return nil }
        self = action
    }

    /// The key that stands for it first.
    package var firstKey: Key? { entry.keys.first }
}
