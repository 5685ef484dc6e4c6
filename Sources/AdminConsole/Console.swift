public import ConvonetCore
public import PostgresClient
public import TerminalKit

/// The console's model: the list, the screens that were opened over it, perhaps a dialog.
public struct Console: Sendable {
    var context: ConsoleContext
    var list = AccountList()
    /// The screens above the list, the last of them seen.
    var opened: [any Screen] = []
    var reset: ResetDialog?
    var menu: Menu?
    /// The log's verification, which goes on wherever one is.
    var verification: LogVerification?
    /// Who is shown beside a wide list.
    var preview: Preview?
    /// What waits for a second person; nil until it was read.
    var pending: PendingApprovals?
    /// When that is read again, by the clock of `uptime`.
    var pendingReadAt: Int?
    /// Whether a key was pressed at all.
    var hasPressedKey = false
    /// How moments are shown.
    var timeDisplay = Times.Display.relative
    /// Whether the far terminal has yet to show what must be read before a key counts.
    var isUnseen = false
    /// What happens since the last key.
    var quietStage = QuietTime.Stage.awake
    var lastKeyAt: Int
    /// A change whose end is still awaited though its dialog was closed.
    var leftChange: LeftChange?
    /// What was filled in for a reset of the person whose dialog was open last.
    var lastFields: ResetDialog.Carried?
    var message: Message?
    var hasAskedForOwnChanges = false
    /// What was read before there was a console, to be shown first.
    var firstPage: ListPage<Account>?
    var lost: LostConnection?
    var size = Size(columns: 80, rows: 24)
    /// What the clock says, for what is shown.
    var now: Timestamp
    /// Milliseconds of a clock that only goes forward, for everything that is waited for.
    var uptime: Int
    var requests = Requests()

    /// Something said to the person; it stays until the next key.
    struct Message: Equatable, Sendable {
        var text: String
        var style: Style
    }

    /// A console that has loaded nothing yet, or the beginning of the list of all accounts.
    public init(_ context: ConsoleContext, firstPage: ListPage<Account>? = nil, now: Timestamp, uptime: Int) {
        self.context = context
        self.firstPage = firstPage
        self.now = now
        self.uptime = uptime
        lastKeyAt = uptime
    }

    /// Shows these columns of the list; names that are not known are passed over.
    mutating func showColumns(_ names: [String]) {
        let columns = names.compactMap(AccountColumn.init(rawValue:))
        if Set(columns).isSuperset(of: AccountColumn.fixed), Set(columns).count == columns.count {
            list.columns = columns
        }
    }

    var times: Times { Times(now: now, display: timeDisplay) }

    mutating func say(_ text: String, _ style: Style = .accent) {
        message = Message(text: text, style: style)
    }

    /// Milliseconds until the console wants to be told the time; nil while nothing on the screen depends on it.
    public var nextTick: Int? {
        [
            reset?.revealedUntil, reset?.nextCountdown(uptime), reset?.work?.nextTick(uptime), nextQuietStage,
            list.window.fetch == nil ? lost?.nextTry : nil, nextPendingRead,
            opened.isEmpty && reset == nil ? preview?.readAt : nil,
        ].compactMap { $0 }.min().map { max(1, $0 - uptime + 1) }
    }
}
