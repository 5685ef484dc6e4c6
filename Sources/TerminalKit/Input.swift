/// A key that was pressed.
public enum Key: Hashable, Sendable {
    /// A character; one that the terminal did not send as valid UTF-8 is U+FFFD.
    case character(Character)
    /// Enter or Return.
    case enter
    /// Tab.
    case tab
    /// Shift and Tab.
    case backTab
    /// Escape, alone.
    case escape
    /// The key that deletes to the left.
    case backspace
    /// The key that deletes to the right.
    case delete
    /// An arrow key.
    case up, down, left, right
    /// A page back or on.
    case pageUp, pageDown
    /// The beginning or the end.
    case home, end
    /// Insert.
    case insert
    /// F1 to F12, from 1.
    case function(Int)
    /// Ctrl and a character, a letter always in lower case.
    case control(Character)
}

/// What was done with the mouse, and where.
public struct Pointer: Equatable, Sendable {
    /// What was done.
    public enum Act: Equatable, Sendable {
        /// The left button was pressed.
        case click
        /// The wheel was turned by one step.
        case wheelUp, wheelDown
    }

    /// What was done.
    public let act: Act
    /// The cell, from 0.
    public let position: Position

    /// Something that was done at a cell.
    public init(_ act: Act, at position: Position) {
        self.act = act
        self.position = position
    }
}

/// What a terminal has to say.
public enum Input: Equatable, Sendable {
    /// A key.
    case key(Key)
    /// The mouse was used, where the terminal was asked to tell.
    case pointer(Pointer)
    /// Text that was pasted as a whole, its line ends as "\n".
    case paste(String)
    /// The screen has another size; draw anew.
    case resized(Size)
    /// The terminal has shown all that was drawn before ``Terminal/awaitPaint()``; what is typed from now on was typed by
    /// somebody who could see it.
    case painted
    /// A ``Mailbox`` was posted to.
    case woken
    /// The process was asked to end, by the signal with this number.
    case terminate(signal: Int32)
    /// The process goes on after it was stopped.
    case continued
    /// Nobody is at the other end any more; comes once.
    case endOfInput
}
