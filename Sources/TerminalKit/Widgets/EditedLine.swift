/// A line that is typed, wherever its text is kept.
public protocol EditedLine {
    /// What is left of the cursor.
    var cursor: Int { get }

    /// Inserts before the cursor.
    mutating func insert(_ text: String)
    /// Removes what stands at a place, if anything does, and puts the cursor there.
    mutating func remove(at index: Int)
    /// Puts the cursor at a place, as far as the line goes.
    mutating func move(to index: Int)
    /// Removes everything.
    mutating func clear()
}

extension EditedLine {
    /// Edits by a key; false means that the key has no meaning to a field (Enter, Tab, Up and so on).
    @discardableResult
    public mutating func apply(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .backspace: remove(at: cursor - 1)
        case .delete: remove(at: cursor)
        case .left: move(to: cursor - 1)
        case .right: move(to: cursor + 1)
        case .home: move(to: 0)
        case .end: move(to: .max)
        case .control("u"): clear()
        default: return false
        }
        return true
    }
}
