import Testing

@testable import TerminalKit

@Suite struct ProgramLoopTests {
    struct Model: Equatable {
        var seen: [LoopEvent<Int>] = []
        var tick: Int?
    }

    static let size = Size(columns: 20, rows: 2)

    /// Runs a program whose effects are what it asks of the loop, until the script is over.
    @discardableResult
    func run(
        _ terminal: InMemoryTerminal, mailbox: Mailbox<Int> = Mailbox(),
        update: (inout Model, LoopEvent<Int>) -> [LoopControl] = { _, _ in [] }
    ) -> Model {
        var model = Model()
        ProgramLoop.run(
            terminal: terminal, model: &model, mailbox: mailbox,
            update: { model, event in
                model.seen.append(event)
                return event == .input(.endOfInput) ? [.quit] : update(&model, event)
            },
            view: { model, size in
                var buffer = Buffer(size: size)
                buffer.write("\(model.seen.count { $0 != .tick })", column: 0, row: 0)
                return buffer
            },
            nextTick: { $0.tick }, now: { terminal.now }, perform: { $0 })
        return model
    }

    @Test func startsWithTheSizeAndPaintsABatchOnce() {
        let keys: [Input] = [.key(.character("a")), .key(.character("b")), .resized(Size(columns: 9, rows: 1))]
        let terminal = InMemoryTerminal(size: Self.size, script: [.inputs(keys)])
        let model = run(terminal)
        #expect(model.seen == ([.resized(Self.size)] + keys + [.endOfInput]).map { .input($0) })
        #expect(terminal.buffers.map(\.size.columns) == [20, 9])
    }

    @Test func nothingIsPaintedTwice() {
        let terminal = InMemoryTerminal(size: Self.size, script: [.inputs([.woken]), .inputs([.woken])])
        run(terminal)
        #expect(terminal.buffers.count == 1)
    }

    @Test func aTitleIsSetWhenItIsAnother() {
        let keys = "aab".map { InMemoryTerminal.Step.inputs([.key(.character($0))]) }
        let terminal = InMemoryTerminal(size: Self.size, script: keys)
        var model = ""
        ProgramLoop.run(
            terminal: terminal, model: &model, mailbox: Mailbox<Int>(),
            update: { model, event in
                if case .input(.key(.character(let letter))) = event { model = String(letter) }
                return event == .input(.endOfInput) ? [LoopControl.quit] : []
            },
            view: { Buffer(size: $1) }, title: { $0.isEmpty ? nil : $0 }, perform: { $0 })
        #expect(terminal.titles == ["a", "b"] && terminal.buffers.count == 1)
    }

    @Test func anAnswerThatIsPostedArrives() {
        let mailbox = Mailbox<Int>()
        let terminal = InMemoryTerminal(size: Self.size, script: [.act { mailbox.post(7) }])
        mailbox.post(6)
        let model = run(terminal, mailbox: mailbox)
        #expect(model.seen.contains(.answer(7)))
        #expect(model.seen[1] == .answer(6))
        #expect(!model.seen.contains(.input(.woken)))
    }

    @Test func keysBeforeAReviewWasPaintedAreDropped() {
        let terminal = InMemoryTerminal(
            size: Self.size,
            script: [
                .inputs([.key(.enter), .key(.character("y")), .paste("es"), .terminate(signal: 15)]),
                .queued([.key(.character("e")), .continued]), .queued([.key(.enter)]), .inputs([.key(.character("n"))]),
            ])
        let model = run(terminal) { _, event in event == .input(.key(.enter)) ? [.awaitPaint] : [] }
        let expected: [Input] = [
            .resized(Self.size), .key(.enter), .terminate(signal: 15), .painted, .continued, .key(.character("n")),
            .endOfInput,
        ]
        #expect(model.seen == expected.map { .input($0) })
    }

    @Test func waitsWithoutEndUnlessATickIsWanted() {
        let terminal = InMemoryTerminal(size: Self.size, script: [.inputs([.key(.tab)])])
        run(terminal)
        #expect(terminal.waits == [nil, nil])
    }

    @Test func keysDoNotPutATickOff() {
        var terminal: InMemoryTerminal?
        let script: [InMemoryTerminal.Step] = [.inputs([.key(.tab)]), .inputs([.key(.up)]), .silence, .silence]
        terminal = InMemoryTerminal(size: Self.size, script: script)
        guard let terminal else { return }
        let model = run(terminal) { model, event in
            if event == .input(.key(.tab)) { model.tick = 5000 }
            if event == .tick { model.tick = nil }
            return []
        }
        #expect(terminal.waits == [nil, 5000, 5000, nil])
        #expect(model.seen.count { $0 == .tick } == 1)
    }

    @Test func aTickRepeatsWhileItIsWanted() {
        let terminal = InMemoryTerminal(size: Self.size, script: [.silence, .silence, .silence])
        let model = run(terminal) { model, _ in
            model.tick = 100
            return []
        }
        #expect(model.seen.count { $0 == .tick } == 3)
        #expect(terminal.now == 300)
    }

    @Test func tellsTheTerminalWhatEffectsAskFor() {
        let terminal = InMemoryTerminal(size: Self.size, keys: [.tab, .up, .down])
        run(terminal) { _, event in
            switch event {
            case .input(.key(.tab)): [.copy("x@example.org")]
            case .input(.key(.up)): [.suspend]
            case .input(.key(.down)): [.redraw]
            default: []
            }
        }
        #expect(terminal.copied == ["x@example.org"])
        #expect(terminal.suspensions == 1)
        #expect(terminal.redraws == 1)
    }

    @Test func nothingHappensAfterQuit() {
        let terminal = InMemoryTerminal(size: Self.size, script: [.inputs([.key(.tab), .key(.up)])])
        let model = run(terminal) { _, event in event == .input(.key(.tab)) ? [.quit] : [] }
        #expect(model.seen.last == .input(.key(.tab)))
        #expect(terminal.buffers.count == 1)
    }

    @Test func aMailboxWakesItsOwnerForEventsFromBeforeToo() async {
        let mailbox = Mailbox<Int>()
        mailbox.post(1)
        await confirmation(expectedCount: 2) { woken in
            mailbox.onPost { woken() }
            await Task.detached { mailbox.post(2) }.value
        }
        #expect(mailbox.drain() == [1, 2])
        #expect(mailbox.drain().isEmpty)
    }
}
