/// What a cell means; the terminal decides how that looks with the colours it has, or with none.
public enum Style: UInt8, CaseIterable, Sendable {
    /// Ordinary text.
    case plain
    /// Text of less importance.
    case dim
    /// Text of more importance.
    case strong
    /// A dialog's or a page's title.
    case title
    /// The bar at the top.
    case header
    /// The bar at the bottom.
    case footer
    /// The name of a key in the footer or in help.
    case key
    /// Something to notice, without a judgement.
    case accent
    /// The part of a text that was searched for.
    case match
    /// Success.
    case good
    /// Something to be careful about.
    case caution
    /// An error, or what cannot be undone.
    case danger
    /// The row that keys act upon.
    case selected
    /// The part that was searched for, in the selected row.
    case selectedMatch
    /// A field to type into.
    case field
    /// The field that keys go to.
    case focusedField
    /// Lines around something.
    case border
    /// The name of the environment, such as production, in the colour that it has of itself: yellow.
    case environment
    /// The same in the other colours that the settings can give it.
    case environmentRed, environmentGreen, environmentBlue, environmentMagenta, environmentCyan

    /// The sign that stands for the style in ``Buffer/snapshot()``.
    var letter: Character {
        switch self {
        case .plain: "."
        case .dim: "d"
        case .strong: "b"
        case .title: "t"
        case .header: "h"
        case .footer: "f"
        case .key: "k"
        case .accent: "a"
        case .match: "m"
        case .good: "g"
        case .caution: "c"
        case .danger: "!"
        case .selected: "s"
        case .selectedMatch: "S"
        case .field: "_"
        case .focusedField: "F"
        case .border: "#"
        case .environment: "e"
        case .environmentRed: "R"
        case .environmentGreen: "G"
        case .environmentBlue: "B"
        case .environmentMagenta: "M"
        case .environmentCyan: "C"
        }
    }
}
