import TerminalKit
import Testing

@Suite struct LineHistoryTests {
    private func history(_ lines: String...) -> LineHistory {
        var history = LineHistory()
        for line in lines { history.keep(line) }
        return history
    }

    @Test func oneGoesBackToTheFirstAndForwardToWhatWasTyped() {
        let history = history("a", "b", "c")
        var recall = LineRecall()
        #expect(recall.later(in: history) == nil && !recall.isUnderWay)
        #expect(recall.earlier(than: "typ", in: history) == "c")
        #expect(recall.earlier(than: "c", in: history) == "b")
        #expect(recall.earlier(than: "b", in: history) == "a")
        #expect(recall.earlier(than: "a", in: history) == nil && recall.isUnderWay)
        #expect(recall.later(in: history) == "b")
        #expect(recall.later(in: history) == "c")
        #expect(recall.later(in: history) == "typ")
        #expect(recall.later(in: history) == nil && !recall.isUnderWay)
    }

    @Test func whatIsShownAnywayIsPassedOver() {
        let history = history("a", "b")
        var recall = LineRecall()
        #expect(recall.earlier(than: "b", in: history) == "a")
        #expect(recall.later(in: history) == "b")
        #expect(!recall.isUnderWay)
    }

    @Test func typingEndsTheWayBack() {
        let history = history("a", "b")
        var recall = LineRecall()
        _ = recall.earlier(than: "", in: history)
        recall.end()
        #expect(recall.later(in: history) == nil)
        #expect(recall.earlier(than: "bx", in: history) == "b")
    }

    @Test func aLineIsKeptOnceAndTheOldestGo() {
        #expect(history("a", "b", "a").lines == ["b", "a"])
        var long = LineHistory()
        for number in 0..<80 { long.keep("\(number)") }
        #expect(long.lines.count == 50 && long.lines.first == "30" && long.lines.last == "79")
    }
}
