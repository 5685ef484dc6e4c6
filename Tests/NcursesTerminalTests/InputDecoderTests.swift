import TerminalKit
import Testing

@testable import NcursesTerminal

@Suite struct InputDecoderTests {
    /// What `text` comes to, byte by byte and in one go alike.
    func decoded(_ bytes: [UInt8], described: [[UInt8]: Key] = [:]) -> [Input] {
        var whole = InputDecoder(sequences: KeySequences(described: described))
        let inputs = whole.feed(bytes) + whole.silence()
        var split = InputDecoder(sequences: KeySequences(described: described))
        #expect(bytes.flatMap { split.feed([$0]) } + split.silence() == inputs)
        return inputs
    }

    func decoded(_ text: String) -> [Input] { decoded(Array(text.utf8)) }

    @Test(arguments: [
        ("\r", Key.enter), ("\n", .enter), ("\t", .tab), ("\u{7F}", .backspace), ("\u{8}", .backspace),
        ("\u{1B}", .escape), ("\u{1}", .control("a")), ("\u{1A}", .control("z")), ("\u{1C}", .control("\\")),
        ("é", .character("é")), ("山", .character("山")), ("👍", .character("👍")),
        ("\u{1B}[A", .up), ("\u{1B}OB", .down), ("\u{1B}[1;5C", .right), ("\u{1B}[Z", .backTab),
        ("\u{1B}[H", .home), ("\u{1B}[4~", .end), ("\u{1B}[8~", .end), ("\u{1B}[3~", .delete), ("\u{1B}[2~", .insert),
        ("\u{1B}[5~", .pageUp), ("\u{1B}[6;2~", .pageDown), ("\u{1B}OP", .function(1)), ("\u{1B}[15~", .function(5)),
        ("\u{1B}[17~", .function(6)), ("\u{1B}[24~", .function(12)), ("\u{1B}[[B", .function(2)),
        ("\u{1B}OM", .enter), ("\u{1B}Op", .character("0")), ("\u{1B}Oy", .character("9")),
        ("\u{1B}O2A", .up), ("\u{1B}O5B", .down), ("\u{1B}O1;2P", .function(1)), ("\u{1B}[7$", .home),
        ("\u{1B}[8^", .end), ("\u{1B}[27u", .escape), ("\u{1B}[27;1u", .escape), ("\u{1B}[27;1:1u", .escape),
        ("\u{1B}[13u", .enter), ("\u{1B}[57414u", .enter), ("\u{1B}[9;2u", .backTab), ("\u{1B}[127u", .backspace),
        ("\u{1B}[99;5u", .control("c")), ("\u{1B}[67;6u", .control("c")), ("\u{1B}[91;5u", .escape),
        ("\u{1B}[109;5u", .enter), ("\u{1B}[97u", .character("a")), ("\u{1B}[97;2u", .character("A")),
        ("\u{1B}[49:33;2u", .character("!")), ("\u{1B}[27;5;99~", .control("c")), ("\u{1B}[27;1;27~", .escape),
        ("\u{1B}[27;2;13~", .enter), ("\u{1B}[1;1:1A", .up),
    ])
    func knowsAKey(_ text: String, _ key: Key) {
        #expect(decoded(text) == [.key(key)])
    }

    @Test(arguments: [
        "\u{1B}x", "\u{1B}é", "\u{1B}\r", "\u{1B}[12;40R", "\u{1B}[?1;2c", "\u{1B}[99~", "\u{1B}]52;c;eWVz\u{7}",
        "\u{1B}[97;3u", "\u{1B}[97;5:3u", "\u{1B}[57358u", "\u{1B}[1;1:3A", "\u{1B}[27;3;99~",
        "\u{1B}[13;1:3u", "\u{1B}[MAAA", "\u{1B}[Mq!!", "\u{1B}[1;2;3;4x", "\u{1B}[=5;1u", "\u{1B}[?2026;1$y",
        "\u{1B}]11;rgb:0/0/0\u{1B}\\", "\u{1B}P1+r\u{1B}\\", "\u{1B}[201~", "\u{85}", "\u{1B}[<0;1;1M", "\u{1B}[",
    ])
    func ignoresWhatIsNobodysKey(_ text: String) {
        #expect(decoded(text + "\u{1B}[A").last == .key(.up))
        #expect(decoded(text).isEmpty)
    }

    /// A broken terminal, or something pasted without being called that, may say any number.
    @Test(arguments: [
        "\u{1B}[99999999999u", "\u{1B}[27;1;99999999999~", "\u{1B}[97:-5;2u", "\u{1B}[-9u",
        "\u{1B}[97;-9223372036854775808u",
        "\u{1B}[9223372036854775807;2u", "\u{1B}[55296u", "\u{1B}[99999999999999999999999u",
    ]) func aNumberThatIsNoKeyIsNone(text: String) {
        #expect(decoded(text + "x").last == decoded("x").last)
    }

    @Test func escapeTwiceIsTwice() {
        #expect(decoded("\u{1B}\u{1B}") == [.key(.escape), .key(.escape)])
        #expect(decoded("\u{1B}\u{1B}[A") == [.key(.escape), .key(.up)])
    }

    @Test func theTerminalsOwnDescriptionGoesFirst() {
        #expect(
            decoded(Array("\u{1B}[A\u{1B}?Q".utf8), described: [Array("\u{1B}?Q".utf8): .pageUp]) == [
                .key(.up), .key(.pageUp),
            ])
    }

    @Test(
        arguments: [
            ([0xFF], 1), ([0xC3, 0x28], 2), ([0xE5, 0xB1], 1), ([0xC0, 0x80], 2), ([0xED, 0xA0, 0x80], 1),
            ([0xF5, 0x41], 2), ([0xE5, 0xC3, 0xA9], 2),
        ] as [([UInt8], Int)])
    func badBytesAreShownAndHurtNothingElse(_ bytes: [UInt8], _ count: Int) {
        let inputs = decoded(bytes + Array("ok".utf8))
        #expect(inputs.contains(.key(.character("\u{FFFD}"))))
        #expect(inputs.suffix(2) == [.key(.character("o")), .key(.character("k"))])
        #expect(decoded(bytes).count == count)
    }

    @Test func aPasteIsOneInput() {
        #expect(
            decoded("a\u{1B}[200~x\r\ny\rz\u{1B}[A山\u{1B}[201~b") == [
                .key(.character("a")), .paste("x\ny\nz\u{1B}[A山"), .key(.character("b")),
            ])
        #expect(decoded("\u{1B}[200~\u{1B}[20\u{1B}[201~") == [.paste("\u{1B}[20")])
    }

    @Test func aPasteWithoutAnEndIsTakenAfterSilence() {
        var decoder = InputDecoder()
        #expect(decoder.feed("\u{1B}[200~half".utf8).isEmpty)
        #expect(decoder.patience == 1000)
        #expect(decoder.silence() == [.paste("half")])
        #expect(decoder.patience == nil)
        #expect(decoder.feed("\u{1B}[201~q".utf8) == [.key(.character("q"))])
    }

    @Test func aPasteIsLimited() {
        let inputs = decoded("\u{1B}[200~" + String(repeating: "a", count: 100_000) + "\u{1B}[201~")
        #expect(inputs == [.paste(String(repeating: "a", count: InputDecoder.pasteLimit))])
    }

    @Test func onlyALoneEscapeIsWaitedForBriefly() {
        var decoder = InputDecoder()
        #expect(decoder.patience == nil)
        _ = decoder.feed([0x1B])
        #expect(decoder.patience == InputDecoder.escapeDelay)
        #expect(decoder.feed(Array("[B".utf8)) == [.key(.down)])
        #expect(decoder.patience == nil)
        var quick = InputDecoder(escapeDelay: 10)
        _ = quick.feed([0x1B])
        #expect(quick.patience == 10)
    }

    /// On a line that stutters the rest comes after the Escape was taken for a key.
    @Test(arguments: ["[A", "OA", "[1;5C", "[200~yes\u{1B}[201~", "]11;rgb:0/0/0\u{7}", "[27u", "[MAAA"])
    func whatComesLateBehindAnEscapeActsNoMore(_ rest: String) {
        var decoder = InputDecoder()
        #expect(decoder.feed([0x1B]) == [])
        #expect(decoder.silence() == [.key(.escape)])
        #expect(decoder.feed(rest.utf8) == [])
        #expect(decoder.feed("q".utf8) == [.key(.character("q"))])
    }

    @Test func whatIsTypedBehindAnEscapeIsAKey() {
        var decoder = InputDecoder()
        _ = decoder.feed([0x1B])
        #expect(decoder.silence() == [.key(.escape)])
        #expect(decoder.feed("A".utf8) == [.key(.character("A"))])
        #expect(decoder.feed("[".utf8) == [.key(.character("["))])
        _ = decoder.feed([0x1B])
        #expect(decoder.silence() == [.key(.escape)])
        #expect(decoder.feed("\u{1B}[A".utf8) == [.key(.up)])
        _ = decoder.feed([0x1B])
        #expect(decoder.silence() == [.key(.escape)])
        #expect(decoder.patience != nil)
        #expect(decoder.silence() == [])
        #expect(decoder.patience == nil)
        #expect(decoder.feed("[".utf8) == [.key(.character("["))])
    }

    @Test(arguments: ["\u{1B}[", "\u{1B}O", "\u{1B}[1;5", "\u{1B}O2"]) func aBeginningIsWaitedForLong(_ text: String) {
        var decoder = InputDecoder()
        #expect(decoder.feed(text.utf8) == [])
        #expect((decoder.patience ?? 0) >= 1000)
        #expect(decoder.feed("A".utf8) == [.key(.up)])
    }

    @Test(arguments: [
        ("\u{1B}", "[A"), ("\u{1B}[200~secr", "et\u{1B}[201~"), ("\u{1B}[2", "00~yes\u{1B}[201~"), ("\u{C3}", ""),
    ])
    func whatWasDiscardedInTheMiddleStaysSo(_ before: String, _ after: String) {
        var decoder = InputDecoder()
        _ = decoder.feed(before == "\u{C3}" ? [0xC3] : Array(before.utf8))
        decoder.discard()
        let rest: [UInt8] = after.isEmpty ? [0xA9] : Array(after.utf8)
        #expect(decoder.feed(rest) == [])
        #expect(decoder.feed("q".utf8) == [.key(.character("q"))])
    }

    @Test func neverStopsAtAnyBytes() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var decoder = InputDecoder()
            for _ in 0..<200 {
                let byte: UInt8 =
                    Bool.random(using: &generator)
                    ? .random(in: 0...255, using: &generator)
                    : [0x1B, 0x5B, 0x32, 0x30, 0x7E].randomElement(using: &generator) ?? 0
                _ = decoder.feed([byte])
            }
            _ = decoder.silence()
            #expect(decoder.feed("k".utf8) == [.key(.character("k"))])
        }
    }
}
