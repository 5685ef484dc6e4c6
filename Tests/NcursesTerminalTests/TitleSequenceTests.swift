import Testing

@testable import NcursesTerminal

/// Which terminals get a title, and by what.
@Suite struct TitleSequenceTests {
    private func sequences(_ type: String, _ texts: [String: String] = [:], isXterm: Bool = false) -> TitleSequences? {
        TitleSequences(type: type, text: { texts[$0] }, flag: { $0 == "XT" && isXterm })
    }

    @Test func whatTakesATitleIsToldByItsDescription() {
        let xterm = sequences("xterm-256color", isXterm: true)
        #expect(xterm?.before == "\u{1B}]2;" && xterm?.behind == "\u{7}")
        #expect(xterm?.save == "\u{1B}[22;0t" && xterm?.restore == "\u{1B}]2;\u{7}\u{1B}[23;0t")
        let tmux = sequences("tmux-256color", ["tsl": "\u{1B}]0;", "fsl": "\u{7}"])
        #expect(tmux?.before == "\u{1B}]0;" && tmux?.behind == "\u{7}")
        #expect(sequences("screen-256color") == xterm)
    }

    /// What these do not understand they print; the status line of a VT320 is none, and takes a column.
    @Test func othersAreLeftAlone() {
        for type in ["linux", "vt100", "vt220", "dumb", "ansi", ""] { #expect(sequences(type) == nil, "\(type)") }
        #expect(sequences("vt320", ["tsl": "\u{1B}[1$}\u{1B}[;%i%p1%df", "fsl": "\u{1B}[0$}"]) == nil)
        #expect(sequences("padded", ["tsl": "\u{1B}]2;$<5>", "fsl": "\u{7}"]) == nil)
    }
}
