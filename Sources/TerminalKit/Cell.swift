/// What one place on the screen shows.
public struct Cell: Equatable, Sendable {
    /// One spacing scalar and up to four zero-width marks; empty in the right half of a wide character.
    public var text: String
    /// 1, or 2 for a wide character, or 0 for the right half of one.
    public var columns: Int
    /// What the cell means.
    public var style: Style

    /// Makes a cell; ``Buffer`` keeps the promise about `text` and `columns`.
    init(text: String, columns: Int, style: Style) {
        self.text = text
        self.columns = columns
        self.style = style
    }

    /// A space.
    public static func blank(_ style: Style = .plain) -> Cell { Cell(text: " ", columns: 1, style: style) }

    static func rightHalf(_ style: Style) -> Cell { Cell(text: "", columns: 0, style: style) }
}
