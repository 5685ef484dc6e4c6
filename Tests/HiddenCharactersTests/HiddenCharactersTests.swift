import HiddenCharacters
import Testing

@Suite struct HiddenCharactersTests {
    @Test(
        arguments: [
            "\u{0}", "\u{1B}", "\u{7F}", "\u{9B}", "\u{AD}", "\u{34F}", "\u{61C}", "\u{115F}", "\u{17B4}", "\u{180E}",
            "\u{200B}", "\u{200F}", "\u{2028}", "\u{202E}", "\u{2060}", "\u{2069}", "\u{3164}", "\u{FE0F}", "\u{FEFF}",
            "\u{FFA0}", "\u{FFF9}", "\u{1D173}", "\u{E0001}", "\u{E0041}", "\u{E0100}",
        ] as [Unicode.Scalar])
    func isHidden(_ scalar: Unicode.Scalar) {
        #expect(scalar.isHidden && scalar.isBlank)
    }

    @Test(
        arguments: ["a", " ", "~", "é", "陽", "😀", "ء", "\u{301}", "\u{A0}", "\u{3000}", "\u{2800}"] as [Unicode.Scalar])
    func isNotHidden(_ scalar: Unicode.Scalar) {
        #expect(!scalar.isHidden)
    }

    @Test(arguments: [" ", "\u{A0}", "\u{2003}", "\u{202F}", "\u{3000}", "\u{2800}"] as [Unicode.Scalar])
    func isBlank(_ scalar: Unicode.Scalar) {
        #expect(scalar.isBlank)
    }

    @Test func itsCodePointHasFourDigitsOrMore() {
        #expect(("\u{AD}" as Unicode.Scalar).codePointText == "U+00AD")
        #expect(("\u{E0041}" as Unicode.Scalar).codePointText == "U+E0041")
    }
}
