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

    @Test func withoutColoursNoneIsUsed() {
        for style in Style.allCases {
            let appearance = Appearance.of(style, colours: 0)
            #expect(appearance.foreground == -1 && appearance.background == -1)
        }
    }

    @Test func everyFailureSaysWhatToDoNext() {
        for failure in [TerminalFailure.notATerminal, .unknownType("x"), .unknownType(""), .cannotMoveCursor("dumb")] {
            #expect(failure.message.contains("`") || failure.message.contains("Set TERM"))
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("é\u{FF}", "w6nDvw=="),
    ])
    func encodesBase64(_ text: String, _ encoded: String) {
        #expect(Base64.encoded(text.utf8) == encoded)
    }
}
