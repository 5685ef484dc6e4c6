import Testing

@testable import Credentials

@Suite struct ResetCodeFormTests {
    @Test func aCodeIsReadAsItWasTyped() throws {
        for _ in 0..<50 {
            let text = ResetCode.generate().revealedText()
            #expect(text.count == 9 && text.utf8.dropFirst(4).first == 0x2D)
            for typed in [
                text, text.uppercased(), text.replacing("-", with: ""),
                " " + text.map(String.init).joined(separator: " "),
            ] {
                #expect(ResetCode.parse(typed)?.revealedText() == text)
            }
        }
    }

    @Test(arguments: ["", "k7mw-4dx", "k7mw-4dxtt", "k7mw-4dx0", "k7mw–4dxt", "ｋ7mw-4dxt"])
    func whatCannotBeOneIsNone(text: String) { #expect(ResetCode.parse(text) == nil) }

    /// Every character at every place, none much more often than another.
    @Test func everyCodeIsAsProbable() {
        var counts: [Character: Int] = [:]
        for _ in 0..<2000 {
            for character in ResetCode.generate().revealedText() where character != "-" {
                counts[character, default: 0] += 1
            }
        }
        #expect(counts.count == 20)
        #expect(counts.values.allSatisfy { (600...1000).contains($0) })
    }
}
