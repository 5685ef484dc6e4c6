import CGlibc
import CNcurses
import Glibc
import OperatingSystem
public import TerminalKit

/// The real terminal, through ncurses, on standard input and output.
///
/// It belongs to the thread that made it, and there can be one at a time. Call ``blockSignals()`` first thing in `main`.
public final class NcursesTerminal: Terminal {
    /// What may be chosen about a terminal.
    public struct Options: Sendable {
        /// The terminal's type; nil takes TERM.
        public var type: String?
        /// Whether to use colours; nil uses them unless NO_COLOR is set to anything but nothing (no-color.org).
        public var usesColours: Bool?
        /// How styles are told apart.
        public var theme: Theme
        /// What lines are drawn with.
        public var lines: LineSet
        /// Whether the window gets a title, where the terminal takes one.
        public var setsTitle: Bool
        /// Whether there is a screen to draw on; else only lines are written, and nothing else is asked of the terminal.
        public var hasScreen: Bool

        /// Whether the terminal is asked to tell of its mouse; it then selects text only while Shift is held.
        public var takesPointer: Bool

        /// Makes options that leave everything to the environment.
        public init(
            type: String? = nil, usesColours: Bool? = nil, theme: Theme = .dark, lines: LineSet = .unicode,
            setsTitle: Bool = true, takesPointer: Bool = false, hasScreen: Bool = true
        ) {
            self.type = type
            self.usesColours = usesColours
            self.theme = theme
            self.lines = lines
            self.setsTitle = setsTitle
            self.takesPointer = takesPointer
            self.hasScreen = hasScreen
        }
    }

    /// The extent of the screen in cells.
    public private(set) var size = Size(columns: 0, rows: 0)
    /// Ends a wait; callable from every thread, and for as long as anybody has it.
    public let wakeUp: @Sendable () -> Void

    private let wake = WakeSignal()
    private let signals: SignalSource
    var input: InputSource
    var held: [Input] = []
    var shown: Buffer?
    /// What is to be shown as soon as the terminal has taken what was shown before.
    var waiting: (() -> Void)?
    /// Whether the terminal is to be asked behind that.
    var asksLater = false
    var isOpen = true
    let hasScreen: Bool
    var reports: PaintReports
    /// Whether there are colours, and the theme uses them.
    public let showsColours: Bool
    /// Enough for every identifier; none where the terminal prints what it does not understand.
    public let clipboardLimit: Int
    let lines: LineSet
    private let titleSequences: TitleSequences?
    private var title: String?

    /// Blocks the signals that a terminal reads from a descriptor. It must run before any other thread is started, for
    /// threads inherit what is blocked, and a signal finds any thread that does not block it.
    ///
    /// Programs started later inherit it too: give them an empty signal mask (`POSIX_SPAWN_SETSIGMASK`).
    public static func blockSignals() { SignalSource.block() }

    /// Throws what ``init(options:)`` would throw for what standard input and output and TERM are, and changes nothing: to
    /// be asked before anything that takes long.
    public static func requireTerminal(hasScreen: Bool = true) throws(TerminalFailure) {
        let type = Environment.value("TERM") ?? ""
        try check(hasScreen ? cn_probe(type) : cn_probe_line(), type)
    }

    private static func check(_ code: Int32, _ type: String) throws(TerminalFailure) {
        switch Int(code) {
        case CN_OK: break
        case CN_NOT_A_TERMINAL: throw .notATerminal
        case CN_UNKNOWN_TYPE: throw .unknownType(type)
        case CN_NO_CURSOR_MOVES: throw .cannotMoveCursor(type)
        default: throw .system("newterm", errno: errno)
        }
    }

    /// Takes the screen over. Throws where there is no terminal, or none that the console could draw on; nothing was
    /// changed then.
    ///
    /// From here on Ctrl-C, Ctrl-Z, Ctrl-S and Ctrl-Q are keys, and a crash of the process gives the screen back first.
    public init(options: Options = Options()) throws(TerminalFailure) {
        let type = options.type ?? Environment.value("TERM") ?? ""
        SignalSource.block()
        if wake.descriptor < 0 { throw .system("eventfd", errno: errno) }
        wakeUp = { [wake] in wake.fire() }
        signals = try SignalSource()
        _ = cg_use_utf8()
        hasScreen = options.hasScreen
        let understands = hasScreen || TerminalDescription.takesSequences(type)
        reports = PaintReports(answers: understands)
        let colours = options.usesColours ?? (Environment.value("NO_COLOR") == nil)
        try Self.check(
            hasScreen ? cn_start(type, colours, options.takesPointer) : cn_start_line(understands), type)
        cn_restore_on_crash()
        let delay = Environment.value("ESCDELAY").flatMap(Int.init).map { min(max(1, $0), 5000) }
        input = InputSource(
            sequences: KeySequences(described: TerminalDescription.keys()),
            escapeDelay: delay ?? InputDecoder.escapeDelay, takesPointer: options.takesPointer)
        lines = options.lines
        titleSequences = options.setsTitle && hasScreen ? TerminalDescription.title(type) : nil
        if let titleSequences { cn_keep_title(titleSequences.save, titleSequences.restore) }
        // These print what they do not understand.
        clipboardLimit = type.hasPrefix("linux") || type.hasPrefix("vt") || !hasScreen ? 0 : 8192
        showsColours = hasScreen && cn_colours() >= 8 && options.theme != .mono
        for style in Style.allCases {
            let appearance = Appearance.of(style, colours: Int(cn_colours()), theme: options.theme)
            cn_define_style(
                style.rawValue, appearance.attributes.rawValue, Int32(appearance.foreground),
                Int32(appearance.background))
        }
        size = Self.currentSize()
        cn_resize(Int32(size.rows), Int32(size.columns))
    }

    deinit { close() }

    /// Waits for keys, pastes, signals, a new size and ``wakeUp``, and returns all that came.
    public func wait(milliseconds: Int?) -> [Input] {
        var inputs = takeHeld()
        let end = milliseconds.map { SystemClock.milliseconds() + max(0, $0) }
        // Bounded, so that somebody who sends without end still sees something drawn.
        var rounds = 0
        while rounds < 64 {
            let now = SystemClock.milliseconds()
            var limits = [end.map { max(0, $0 - now) }, input.patience(now: now), reports.remaining(now: now)]
                .compactMap { $0 }
            if !inputs.isEmpty { limits.append(0) }
            var came = counted(poll(milliseconds: limits.min())) + takeHeld()
            goOnWriting()
            if reports.expire(now: SystemClock.milliseconds()) { came.append(.painted) }
            inputs += came
            inputs += input.expire(now: SystemClock.milliseconds())
            if came.isEmpty {
                if !inputs.isEmpty { break }
                if let end, end <= SystemClock.milliseconds() { break }
            }
            if !inputs.isEmpty { rounds += 1 }
        }
        return inputs
    }

    /// Gives the screen back, stops the process group, and draws again when it is continued.
    public func suspend() {
        guard isOpen else { return }
        cn_leave()
        cn_drain(500)
        SignalSource.stopProcess()
        held += resume()
    }

    /// Draws everything again.
    public func redraw() {
        guard isOpen else { return }
        cn_invalidate()
        if let shown { show(shown) }
    }

    /// Draws what comes next whole.
    public func startOver() { if isOpen { cn_invalidate() } }

    /// Sends BEL.
    public func ring() {
        guard isOpen else { return }
        cn_write([7], 1)
    }

    /// Sends it where the terminal takes one: what could end it is made visible, and what is long is cut.
    public func setTitle(_ text: String) {
        title = text
        guard isOpen, let titleSequences else { return }
        let shown = TextWidth.fitted(text, to: 100)
        let bytes = Array((titleSequences.before + shown + titleSequences.behind).utf8).map { CChar(bitPattern: $0) }
        cn_write(bytes, Int32(bytes.count))
    }

    /// Sends OSC 52; more than ``clipboardLimit`` is not sent.
    public func copyToClipboard(_ text: String) {
        guard isOpen, text.utf8.count <= clipboardLimit else { return }
        let bytes = Array("\u{1B}]52;c;\(Base64.encoded(text.utf8))\u{7}".utf8).map { CChar(bitPattern: $0) }
        cn_write(bytes, Int32(bytes.count))
    }

    /// Gives the screen back as it was found.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        // An answer that is still on its way would be taken for something typed to the shell.
        if reports.outstanding > 0, !input.isEnded, cn_flush() == 0 { takeLastReports() }
        cn_stop()
    }

    private func takeHeld() -> [Input] {
        let taken = held
        held = []
        return taken
    }

    private func poll(milliseconds: Int?) -> [Input] {
        var entries = [input.descriptor, signals.descriptor, wake.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        var limit = milliseconds.map { Int32(clamping: $0) } ?? -1
        if isOpen, cn_flush() > 0 {
            entries.append(pollfd(fd: cn_line(), events: Int16(POLLOUT), revents: 0))
        } else if isOpen, waiting != nil || asksLater {
            // The line took the rest only now: what was held back for it is next, and nothing else would wake us.
            limit = 0
        }
        guard Glibc.poll(&entries, nfds_t(entries.count), limit) > 0 else { return [] }
        var inputs: [Input] = []
        if entries[0].revents != 0 { inputs += input.read(now: SystemClock.milliseconds()) }
        if entries[1].revents != 0 { for number in signals.read() { inputs += answer(to: number) } }
        if entries[2].revents != 0 {
            wake.drain()
            inputs.append(.woken)
        }
        return inputs
    }

    private func answer(to signal: Int32) -> [Input] {
        switch signal {
        case SIGWINCH: return resize()
        case SIGCONT: return resume() + [.continued]
        case SIGTSTP:
            suspend()
            return []
        default: return [.terminate(signal: signal)]
        }
    }

    private func resume() -> [Input] {
        guard isOpen else { return [] }
        cn_resume()
        if let title { setTitle(title) }
        return resize()
    }

    private func resize() -> [Input] {
        let now = Self.currentSize()
        guard now != size else { return [] }
        size = now
        cn_resize(Int32(now.rows), Int32(now.columns))
        shown = nil
        // A picture of another size is of no use; words are.
        if hasScreen { waiting = nil }
        return [.resized(now)]
    }

    private static func currentSize() -> Size {
        var rows: Int32 = 0
        var columns: Int32 = 0
        if !cn_window_size(&rows, &columns) { cn_screen_size(&rows, &columns) }
        return Size(columns: Int(columns), rows: Int(rows))
    }
}
