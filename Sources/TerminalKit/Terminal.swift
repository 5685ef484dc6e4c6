/// A screen with a keyboard, or something that says what a screen would show. It belongs to the thread that made it.
public protocol Terminal<Frame>: AnyObject {
    /// What is shown at one time.
    associatedtype Frame: Equatable

    /// The extent of the screen in cells.
    var size: Size { get }

    /// Ends a ``wait(milliseconds:)``, the present one or the next; callable from every thread.
    var wakeUp: @Sendable () -> Void { get }

    /// Shows `frame`, and sends no more than what differs from what is shown.
    func draw(_ frame: Frame)

    /// Waits for something to happen and returns all that has; nothing only when `milliseconds` went by. nil waits on.
    func wait(milliseconds: Int?) -> [Input]

    /// Forgets keys and pastes that arrived before now, but nothing else that waits, and says ``Input/painted`` when the
    /// terminal has shown what was drawn; also where it does not tell, after a while. Of several only the last is answered.
    func awaitPaint()

    /// Gives the screen back and stops the process; returns with the screen drawn again when it is continued.
    func suspend()

    /// Draws everything again, in case something else wrote to the screen.
    func redraw()

    /// Forgets what was shown: what is drawn next is drawn whole, for it has nothing to do with that.
    func startOver()

    /// Whether colours are seen.
    var showsColours: Bool { get }

    /// Rings the bell; the terminal may sound, flash or do nothing.
    func ring()

    /// Gives the window a title, where the terminal takes one; the one from before is back whenever the screen is given back.
    func setTitle(_ text: String)

    /// The most bytes that ``copyToClipboard(_:)`` sends; 0 where the terminal is known not to understand it.
    var clipboardLimit: Int { get }

    /// Asks the terminal to put `text` on the user's clipboard (OSC 52); whether it does, it does not tell.
    func copyToClipboard(_ text: String)

    /// Gives the screen back as it was found. Nothing but another `close` may follow.
    func close()
}
