import TerminalKit
import Testing

@testable import NcursesTerminal

/// The terminal's word that it has shown what was painted.
@Suite struct PaintReportTests {
    @Test func onlyTheLastAnswerCounts() {
        var reports = PaintReports()
        #expect(reports.ask(now: 0) == true)
        #expect(reports.ask(now: 10) == true)
        #expect(reports.take() == false)
        #expect(reports.take() == true)
        #expect(reports.remaining(now: 20) == nil)
    }

    @Test func anAnswerToWhatWasAskedBeforeConfirmsNothingThatIsToCome() {
        var reports = PaintReports()
        _ = reports.ask(now: 0)
        reports.postpone()
        #expect(reports.remaining(now: 1) == nil)
        #expect(reports.take() == false)
        _ = reports.ask(now: 10)
        #expect(reports.take() == true)
    }

    @Test func aTerminalThatDoesNotAnswerIsWaitedForOnce() {
        var reports = PaintReports()
        _ = reports.ask(now: 100)
        #expect(reports.remaining(now: 600) == PaintReports.patience - 500)
        #expect(reports.expire(now: 100 + PaintReports.patience - 1) == false)
        #expect(reports.expire(now: 100 + PaintReports.patience) == true)
        #expect(reports.expire(now: 10_000) == false)
        #expect(reports.ask(now: 20_000) == false)
        #expect(reports.remaining(now: 20_000) == nil)
    }

    @Test func aLateAnswerHasItWaitedForAgainAndConfirmsNothingElse() {
        var reports = PaintReports()
        _ = reports.ask(now: 0)
        _ = reports.expire(now: PaintReports.patience)
        #expect(reports.outstanding == 1)
        #expect(reports.take() == false)
        #expect(reports.ask(now: 5000) == true)
        #expect(reports.take() == true)
    }

    @Test(arguments: [
        ("\u{1B}[12;40R", true, [Input.painted]), ("\u{1B}[1;2R", true, [.painted]), ("\u{1B}[12;40R", false, []),
        ("\u{1B}[1;2R", false, [.key(.function(3))]), ("\u{1B}[R", true, [.key(.function(3))]),
        ("\u{1B}OR", true, [.key(.function(3))]), ("\u{1B}[?12;40R", true, []),
        ("\u{1B}[1;2;3R", true, [.key(.function(3))]),
        ("a\u{1B}[5;6Rb", true, [.key(.character("a")), .painted, .key(.character("b"))]),
    ])
    func aReportIsTakenForOneOnlyWhereItIsDue(_ text: String, _ isDue: Bool, _ inputs: [Input]) {
        var whole = InputDecoder()
        whole.expectsReport = isDue
        #expect(whole.feed(text.utf8) == inputs)
        var split = InputDecoder()
        split.expectsReport = isDue
        var pieces: [Input] = []
        for byte in text.utf8 { pieces += split.feed([byte]) }
        #expect(pieces == inputs)
    }

    @Test func aReportInAPasteIsPasted() {
        var decoder = InputDecoder()
        decoder.expectsReport = true
        #expect(decoder.feed("\u{1B}[200~\u{1B}[5;6R\u{1B}[201~".utf8) == [.paste("\u{1B}[5;6R")])
    }

    @Test func whatIsDroppedInTheMiddleOfAReportDoesNotTakeItAlong() {
        var decoder = InputDecoder()
        decoder.expectsReport = true
        _ = decoder.feed("\u{1B}[5".utf8)
        decoder.discard()
        #expect(decoder.feed(";6Rq".utf8) == [.painted, .key(.character("q"))])
    }
}
