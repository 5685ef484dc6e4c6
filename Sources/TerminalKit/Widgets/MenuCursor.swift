/// Which line of a menu is chosen: arrows and letters move, a digit goes to its line.
public struct MenuCursor: Equatable, Sendable {
    /// Index of the line.
    public private(set) var index: Int
    private let count: Int

    /// A cursor in a menu of so many lines.
    public init(_ index: Int = 0, of count: Int) {
        self.index = index
        self.count = count
    }

    /// Takes a key that moves; false where it does not.
    public mutating func apply(_ key: Key) -> Bool {
        switch key {
        case .up, .character("k"), .backTab: move(by: -1)
        case .down, .character("j"), .tab: move(by: 1)
        case .character(let character):
            guard let digit = character.wholeNumberValue, (1...min(9, count)).contains(digit) else { return false }
            index = digit - 1
        default: return false
        }
        return true
    }

    /// Moves as far as there are lines.
    public mutating func move(by step: Int) { index = min(max(0, index + step), count - 1) }

    /// What stands before the text of a line: its digit, as far as there are digits.
    public static func mark(_ index: Int) -> String { index < 9 ? "\(index + 1) " : "  " }
}
