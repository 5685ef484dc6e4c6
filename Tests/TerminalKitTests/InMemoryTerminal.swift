@testable import TerminalKit

/// A terminal without a screen, for tests: it plays a script and keeps what was drawn.
final class InMemoryTerminal: Terminal {
    /// One turn of the script.
    enum Step {
        /// Inputs that arrive together, after what was drawn before is on the screen.
        case inputs([Input])
        /// Inputs that arrived before that: ``InMemoryTerminal/awaitPaint()`` drops keys and pastes among them.
        case queued([Input])
        /// Nothing happens until the wait's time is over; skipped by a wait without an end.
        case silence
        /// Something else happens, such as a post to a mailbox; the wait then ends as if woken.
        case act(() -> Void)
    }

    /// The extent; a `.resized` in the script changes it.
    private(set) var size: Size
    /// All that was drawn, the latest last.
    private(set) var buffers: [Buffer] = []
    /// The time limit of each wait.
    private(set) var waits: [Int?] = []
    let clipboardLimit = 8192
    let showsColours = true
    /// What was put on the clipboard.
    private(set) var copied: [String] = []
    /// The window's titles, the latest last.
    private(set) var titles: [String] = []
    /// How often the process would have stopped.
    private(set) var suspensions = 0
    /// How often everything was to be drawn again.
    private(set) var redraws = 0
    /// Whether the screen was given back.
    private(set) var isClosed = false
    /// A clock for the program loop, in milliseconds; only silence makes it go on.
    private(set) var now = 0
    /// Does nothing: the script says when a wait ends.
    let wakeUp: @Sendable () -> Void = {}

    private var script: [Step]

    /// Makes a terminal that plays `script`, and after it says `.endOfInput` to every wait.
    init(size: Size, script: [Step]) {
        self.size = size
        self.script = script
    }

    /// Makes a terminal on which `keys` are pressed one after the other, each seen before the next.
    convenience init(size: Size, keys: [Key]) {
        self.init(size: size, script: keys.map { .inputs([.key($0)]) })
    }

    /// What the screen shows.
    var screen: Buffer { buffers.last ?? Buffer(size: size) }

    /// Keeps `buffer`.
    func draw(_ buffer: Buffer) { buffers.append(buffer) }

    /// Plays the next step.
    func wait(milliseconds: Int?) -> [Input] {
        waits.append(milliseconds)
        while !script.isEmpty {
            switch script.removeFirst() {
            case .inputs(let inputs), .queued(let inputs):
                for case .resized(let size) in inputs { self.size = size }
                return inputs
            case .silence:
                guard let milliseconds else { continue }
                now += milliseconds
                return []
            case .act(let action):
                action()
                return [.woken]
            }
        }
        return [.endOfInput]
    }

    /// Drops keys and pastes of the queued steps that come next, and shows what was drawn at once.
    func awaitPaint() {
        var kept: [Step] = []
        while case .queued(let inputs)? = script.first {
            script.removeFirst()
            let others = inputs.filter {
                switch $0 {
                case .key, .paste: false
                default: true
                }
            }
            if !others.isEmpty { kept.append(.inputs(others)) }
        }
        script = [.inputs([.painted])] + kept + script
    }

    /// Counts.
    func suspend() { suspensions += 1 }

    /// Counts.
    func redraw() { redraws += 1 }
    func startOver() { redraws += 1 }

    func ring() {}

    /// Keeps `text`.
    func setTitle(_ text: String) { titles.append(text) }

    /// Keeps `text`.
    func copyToClipboard(_ text: String) { copied.append(text) }

    /// Notes it.
    func close() { isClosed = true }
}
