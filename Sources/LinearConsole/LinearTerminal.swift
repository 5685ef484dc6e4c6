package import NcursesTerminal
package import TerminalKit

/// A terminal to which everything is said line by line: no screen, no cursor that is moved, nothing that is written twice.
///
/// Nothing is sent to it but text, line ends and, if asked for, a bell; where its type (TERM) is not `dumb`, also the request to
/// mark pastes (`ESC [ ? 2004 h`, at the end `l`), and behind what must be read before a key counts, the question where its cursor
/// stands (`ESC [ 6 n`).
package final class LinearTerminal: Terminal {
    private let line: NcursesTerminal
    private var narration = Narration()
    private var last: Spoken?
    /// Whether that is still to be said.
    private var isDue = false

    /// Takes the keys of standard input. Throws where that or standard output is no terminal.
    package init() throws(TerminalFailure) {
        line = try NcursesTerminal(options: .init(setsTitle: false, hasScreen: false))
    }

    package var size: Size { line.size }
    package var wakeUp: @Sendable () -> Void { line.wakeUp }
    package var clipboardLimit: Int { line.clipboardLimit }

    /// Says it with the next wait.
    package func draw(_ spoken: Spoken) { (last, isDue) = (spoken, true) }

    private func say() {
        guard isDue, let spoken = last else { return }
        isDue = false
        line.later { [unowned self] in line.write(narration.say(spoken, rows: size.rows)) }
    }

    package func wait(milliseconds: Int?) -> [Input] {
        say()
        return line.wait(milliseconds: milliseconds)
    }

    /// What was typed before anything of it was written is forgotten: a terminal that is not asked has no later moment for it.
    package func awaitPaint() {
        line.forgetKeys()
        say()
        line.askPaint()
    }

    package func suspend() {
        say()
        line.write(narration.end())
        line.suspend()
    }

    /// Says everything anew.
    package func redraw() {
        narration.forget()
        if let last { draw(last) }
    }

    package let showsColours = false
    package func startOver() { narration.forget() }

    package func ring() { line.ring() }
    package func setTitle(_ text: String) {}
    package func copyToClipboard(_ text: String) {}

    package func close() {
        say()
        line.write(narration.end())
        line.close()
    }
}
