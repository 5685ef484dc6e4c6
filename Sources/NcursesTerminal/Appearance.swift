import CNcurses
import TerminalKit

/// How a style looks with a number of colours.
struct Appearance: Equatable {
    struct Attributes: OptionSet {
        let rawValue: UInt32
        static let bold = Attributes(rawValue: UInt32(CN_BOLD))
        static let dim = Attributes(rawValue: UInt32(CN_DIM))
        static let underline = Attributes(rawValue: UInt32(CN_UNDERLINE))
        static let reverse = Attributes(rawValue: UInt32(CN_REVERSE))
    }

    var attributes: Attributes = []
    /// A colour's number, −1 for the terminal's own.
    var foreground = -1
    var background = -1

    /// 256 colours (or more, of which those are taken), 8, or none. Of 256, text has a contrast of at least 4.5 to 1 with its
    /// ground (WCAG 2.2, 1.4.3), which is the terminal's own where none is set.
    static func of(_ style: Style, colours: Int, theme: Theme = .dark) -> Appearance {
        switch theme {
        case .mono: return without(style)
        case .highContrast: return colours >= 8 ? withHighContrast(style) : without(style)
        case .light where colours >= 256: return onLightGround(style)
        case .light, .dark: break
        }
        if colours >= 256 { return with256(style) }
        if colours >= 8 { return with8(style) }
        return without(style)
    }

    private static func onLightGround(_ style: Style) -> Appearance {
        switch style {
        case .dim: Appearance(foreground: 241)
        case .title, .accent: Appearance(attributes: .bold, foreground: 25)
        case .header: Appearance(foreground: 16, background: 252)
        case .footer: Appearance(foreground: 16, background: 253)
        case .key: Appearance(attributes: .bold, foreground: 88, background: 253)
        case .match: Appearance(attributes: [.bold, .underline], foreground: 94)
        case .good: Appearance(foreground: 22)
        case .caution: Appearance(attributes: .bold, foreground: 94)
        case .danger: Appearance(attributes: .bold, foreground: 124)
        case .selected: Appearance(attributes: .bold, foreground: 16, background: 153)
        case .selectedMatch: Appearance(attributes: [.bold, .underline], foreground: 88, background: 153)
        case .field: Appearance(foreground: 16, background: 254)
        case .focusedField: Appearance(foreground: 16, background: 229)
        case .plain, .strong, .border: with256(style)
        default: environment256(style)
        }
    }

    /// Every colour is one of the strongest, and no style depends on colour alone.
    private static func withHighContrast(_ style: Style) -> Appearance {
        let black = 0, red = 1, green = 2, yellow = 3, white = 7
        return switch style {
        case .good: Appearance(attributes: .bold, foreground: green)
        case .caution, .match: Appearance(attributes: [.bold, .underline], foreground: yellow)
        case .danger: Appearance(attributes: [.bold, .reverse], foreground: red)
        case .environment, .environmentRed, .environmentGreen, .environmentBlue, .environmentMagenta, .environmentCyan:
            environment8(style)
        case .field: Appearance(attributes: .underline)
        case .focusedField: Appearance(attributes: .bold, foreground: black, background: white)
        case .dim: Appearance()
        default: without(style)
        }
    }

    private static func with256(_ style: Style) -> Appearance {
        switch style {
        case .plain: Appearance()
        case .dim: Appearance(foreground: 247)
        case .strong: Appearance(attributes: .bold)
        case .title: Appearance(attributes: .bold, foreground: 39)
        case .header: Appearance(foreground: 255, background: 238)
        case .footer: Appearance(foreground: 252, background: 236)
        case .key: Appearance(attributes: .bold, foreground: 222, background: 236)
        case .accent: Appearance(foreground: 39)
        case .match: Appearance(attributes: [.bold, .underline], foreground: 172)
        case .good: Appearance(foreground: 34)
        case .caution: Appearance(attributes: .bold, foreground: 172)
        case .danger: Appearance(attributes: .bold, foreground: 203)
        case .selected: Appearance(attributes: .bold, foreground: 231, background: 24)
        case .selectedMatch: Appearance(attributes: [.bold, .underline], foreground: 222, background: 24)
        case .field: Appearance(foreground: 252, background: 239)
        case .focusedField: Appearance(foreground: 231, background: 60)
        case .border: Appearance(foreground: 244)
        case .environment, .environmentRed, .environmentGreen, .environmentBlue, .environmentMagenta, .environmentCyan:
            environment256(style)
        }
    }

    private static func with8(_ style: Style) -> Appearance {
        let black = 0, red = 1, green = 2, yellow = 3, blue = 4, cyan = 6, white = 7
        return switch style {
        case .title: Appearance(attributes: .bold, foreground: cyan)
        case .header: Appearance(foreground: white, background: blue)
        case .footer: Appearance(attributes: .reverse)
        case .key: Appearance(attributes: [.reverse, .bold])
        case .accent: Appearance(foreground: cyan)
        case .match: Appearance(attributes: [.bold, .underline], foreground: yellow)
        case .good: Appearance(foreground: green)
        case .caution: Appearance(attributes: .bold, foreground: yellow)
        case .danger: Appearance(attributes: .bold, foreground: red)
        case .selected: Appearance(foreground: black, background: cyan)
        case .selectedMatch: Appearance(attributes: .underline, foreground: black, background: cyan)
        case .focusedField: Appearance(attributes: .bold, foreground: white, background: blue)
        case .environment, .environmentRed, .environmentGreen, .environmentBlue, .environmentMagenta, .environmentCyan:
            environment8(style)
        case .plain, .dim, .strong, .field, .border: without(style)
        }
    }

    /// The names of environments: a ground of its own colour, on every theme.
    private static func environment256(_ style: Style) -> Appearance {
        let (ground, text) =
            switch style {
            case .environmentRed: (160, 231)
            case .environmentGreen: (40, 16)
            case .environmentBlue: (26, 231)
            case .environmentMagenta: (127, 231)
            case .environmentCyan: (44, 16)
            default: (214, 16)
            }
        return Appearance(attributes: .bold, foreground: text, background: ground)
    }

    /// Bold makes black grey on some terminals, so only what is white is bold. The header is blue, so blue is turned around.
    private static func environment8(_ style: Style) -> Appearance {
        let black = 0, red = 1, green = 2, yellow = 3, blue = 4, magenta = 5, cyan = 6, white = 7
        return switch style {
        case .environmentRed: Appearance(attributes: .bold, foreground: white, background: red)
        case .environmentGreen: Appearance(foreground: black, background: green)
        case .environmentBlue: Appearance(foreground: blue, background: white)
        case .environmentMagenta: Appearance(attributes: .bold, foreground: white, background: magenta)
        case .environmentCyan: Appearance(foreground: black, background: cyan)
        default: Appearance(foreground: black, background: yellow)
        }
    }

    /// Without colours, words and places say the rest: three attributes cannot tell eighteen styles apart.
    private static func without(_ style: Style) -> Appearance {
        switch style {
        case .plain, .border: Appearance()
        case .dim: Appearance(attributes: .dim)
        case .strong, .good, .accent: Appearance(attributes: .bold)
        case .title, .match, .caution: Appearance(attributes: [.bold, .underline])
        case .header, .footer, .selected: Appearance(attributes: .reverse)
        case .key, .danger, .environment, .environmentRed, .environmentGreen, .environmentBlue, .environmentMagenta,
            .environmentCyan:
            Appearance(attributes: [.reverse, .bold])
        case .selectedMatch, .focusedField: Appearance(attributes: [.reverse, .underline])
        case .field: Appearance(attributes: .underline)
        }
    }
}
