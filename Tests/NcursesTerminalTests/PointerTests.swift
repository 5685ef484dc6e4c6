import TerminalKit
import Testing

@testable import NcursesTerminal

/// What a terminal tells of its mouse.
@Suite struct PointerTests {
    @Test(arguments: [
        ("<0;5;7M", Pointer(.click, at: Position(column: 4, row: 6))),
        ("<64;1;1M", Pointer(.wheelUp, at: Position(column: 0, row: 0))),
        ("<65;300;2M", Pointer(.wheelDown, at: Position(column: 299, row: 1))),
    ])
    func aReportIsRead(_ report: String, _ pointer: Pointer) {
        var decoder = InputDecoder(takesPointer: true)
        #expect(decoder.feed("\u{1B}[\(report)x".utf8) == [.pointer(pointer), .key(.character("x"))])
        var split = InputDecoder(takesPointer: true)
        #expect("\u{1B}[\(report)".utf8.flatMap { split.feed([$0]) } == [.pointer(pointer)])
    }

    /// Letting go, other buttons, movements, keys held with it, and what is no report.
    @Test(arguments: [
        "<0;5;7m", "<1;5;7M", "<2;5;7M", "<32;5;7M", "<4;5;7M", "<0;0;7M", "<0;5M", "<0;5;7;9M", "<;;M", "<M",
        "<0;-5;7M", "<0;99999;7M", "<0;5;99999999999999999999M",
    ])
    func whatIsOfNoInterestIsPassedOver(_ report: String) {
        var decoder = InputDecoder(takesPointer: true)
        #expect(decoder.feed("\u{1B}[\(report)x".utf8) == [.key(.character("x"))])
    }
}
