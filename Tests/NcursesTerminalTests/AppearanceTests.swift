import Glibc
import OperatingSystem
import TerminalKit
import Testing

@testable import NcursesTerminal

@Suite struct AppearanceTests {
    @Test(arguments: [0, 8, 256])
    func whatMustBeToldApartLooksDifferent(_ colours: Int) {
        let pairs: [(Style, Style)] = [
            (.plain, .selected), (.plain, .field), (.field, .focusedField), (.plain, .danger), (.plain, .strong),
            (.plain, .match), (.selected, .selectedMatch), (.footer, .key), (.selected, .focusedField),
            (.good, .danger),
        ]
        for (one, other) in pairs {
            #expect(Appearance.of(one, colours: colours) != Appearance.of(other, colours: colours), "\(one), \(other)")
        }
    }

    /// WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 to 1, lines (1.4.11) of at least 3 to 1. The grounds are those of
    /// common terminals: black and a dark grey, white and a cream.
    @Test(arguments: [
        (Theme.dark, [(0, 0, 0), (0x1D, 0x1F, 0x21)]), (.light, [(0xFF, 0xFF, 0xFF), (0xFD, 0xF6, 0xE3)]),
    ])
    func textStandsOutFromItsGround(_ theme: Theme, _ grounds: [(Int, Int, Int)]) {
        for style in Style.allCases {
            let appearance = Appearance.of(style, colours: 256, theme: theme)
            guard appearance.foreground >= 0 else { continue }
            let behind = appearance.background >= 0 ? [Self.rgb(appearance.background)] : grounds
            for ground in behind {
                let contrast = Self.contrast(Self.rgb(appearance.foreground), ground)
                #expect(contrast >= (style == .border ? 3 : 4.5), "\(theme), \(style): \(contrast)")
            }
        }
    }

    /// The colours 16 to 255 of xterm: a cube of six steps, then greys.
    private static func rgb(_ number: Int) -> (Int, Int, Int) {
        guard number < 232 else {
            let grey = 8 + 10 * (number - 232)
            return (grey, grey, grey)
        }
        let steps = [0, 95, 135, 175, 215, 255]
        return (steps[(number - 16) / 36], steps[(number - 16) / 6 % 6], steps[(number - 16) % 6])
    }

    private static func contrast(_ one: (Int, Int, Int), _ other: (Int, Int, Int)) -> Double {
        func linear(_ part: Int) -> Double {
            let value = Double(part) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        func luminance(_ color: (Int, Int, Int)) -> Double {
            0.2126 * linear(color.0) + 0.7152 * linear(color.1) + 0.0722 * linear(color.2)
        }
        let (first, second) = (luminance(one), luminance(other))
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    @Test func withoutColoursNoneIsUsed() {
        for style in Style.allCases {
            let appearance = Appearance.of(style, colours: 0)
            #expect(appearance.foreground == -1 && appearance.background == -1)
        }
    }

    @Test func everyFailureSaysWhatToDoNext() {
        for (failure, step) in [
            (TerminalFailure.notATerminal, "Over SSH use `ssh -t`"),
            (.unknownType("x"), "Try `TERM=xterm-256color`, or"),
            (.unknownType(""), "Try `TERM=xterm-256color`."), (.cannotMoveCursor("dumb"), "Set TERM to"),
            (.system("x", errno: 5), "Try another terminal."),
        ] {
            #expect(failure.message.contains(step), "\(failure)")
        }
    }
}
