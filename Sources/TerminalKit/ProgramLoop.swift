public import OperatingSystem

/// What the model is told.
public enum LoopEvent<Answer: Sendable>: Sendable {
    /// Something from the terminal; never ``Input/woken``.
    case input(Input)
    /// Something from the mailbox.
    case answer(Answer)
    /// The time that `nextTick` asked for has passed.
    case tick
}

extension LoopEvent: Equatable where Answer: Equatable {}

/// What the loop does once an effect was performed.
public enum LoopControl: Equatable, Sendable {
    /// Nothing special.
    case go
    /// Has ``Input/painted`` said when the terminal has shown the next paint, and drops what was typed before that paint.
    case awaitPaint
    /// Stops the process until the shell continues it.
    case suspend
    /// Paints everything again.
    case redraw
    /// Rings the bell.
    case ring
    /// Puts text on the user's clipboard; never a secret.
    case copy(String)
    /// Ends the loop; nothing more is told to the model or painted.
    case quit
}

/// The loop: events change the model, the model is viewed, effects are performed.
public enum ProgramLoop {
    /// Runs until an effect says ``LoopControl/quit``.
    ///
    /// All that waits is applied before one paint, and nothing is painted when the buffer equals the last one. The first
    /// event is `.input(.resized)` with the size at the start. Between events the thread sleeps.
    ///
    /// - Parameters:
    ///   - title: The window's title, which is set whenever it is another one; nil leaves it as it is.
    ///   - nextTick: The milliseconds after which the model wants a tick, or nil. The time runs from when the answer
    ///     became what it is, so keys in between do not put a tick off; after a tick it starts anew.
    ///   - now: Milliseconds of a clock that never goes back.
    ///   - perform: Starts an effect and must not block: what comes of it is posted to `mailbox`.
    public static func run<Model, Event: Sendable, Effect>(
        terminal: any Terminal,
        model: inout Model,
        mailbox: Mailbox<Event>,
        update: (inout Model, LoopEvent<Event>) -> [Effect],
        view: (Model, Size) -> Buffer,
        title: (Model) -> String? = { _ in nil },
        nextTick: (Model) -> Int? = { _ in nil },
        now: () -> Int = SystemClock.milliseconds,
        perform: (Effect) -> LoopControl
    ) {
        mailbox.onPost(terminal.wakeUp)
        defer { mailbox.onPost(nil) }
        var timer = TickTimer()
        var painted: Buffer?
        var shownTitle: String?
        var inputs: [Input] = [.resized(terminal.size)]
        while true {
            var events = inputs.filter { $0 != .woken }.map { LoopEvent<Event>.input($0) }
            events += mailbox.drain().map { .answer($0) }
            if timer.isDue(now: now()) {
                timer.stop()
                events.append(.tick)
            }
            var awaiting = false
            for event in events where !(awaiting && isOfBefore(event)) {
                for effect in update(&model, event) {
                    switch perform(effect) {
                    case .go: break
                    case .awaitPaint: awaiting = true
                    case .suspend: terminal.suspend()
                    case .ring: terminal.ring()
                    case .redraw: terminal.redraw()
                    case .copy(let text): terminal.copyToClipboard(text)
                    case .quit: return
                    }
                }
                timer.set(nextTick(model), now: now())
            }
            let buffer = view(model, terminal.size)
            if buffer != painted {
                terminal.draw(buffer)
                painted = buffer
            }
            if let title = title(model), title != shownTitle {
                terminal.setTitle(title)
                shownTitle = title
            }
            if awaiting { terminal.awaitPaint() }
            inputs = terminal.wait(milliseconds: timer.remaining(now: now()))
            if inputs.isEmpty { timer.expire(now: now()) }
        }
    }

    /// Whether it is about a screen that was seen before the next paint.
    private static func isOfBefore<Event>(_ event: LoopEvent<Event>) -> Bool {
        switch event {
        case .input(.key), .input(.paste), .input(.pointer), .input(.painted): true
        default: false
        }
    }
}
