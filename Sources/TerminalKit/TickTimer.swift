/// When the next tick is due: the interval that was asked for, and the time from which it counts.
struct TickTimer: Equatable {
    private var interval: Int?
    private var deadline: Int?

    /// Takes the interval that the model asks for now; an unchanged one goes on counting.
    mutating func set(_ milliseconds: Int?, now: Int) {
        if milliseconds == interval, deadline != nil || milliseconds == nil { return }
        interval = milliseconds
        deadline = milliseconds.map { now + max(0, $0) }
    }

    func remaining(now: Int) -> Int? { deadline.map { max(0, $0 - now) } }

    func isDue(now: Int) -> Bool { deadline.map { $0 <= now } ?? false }

    /// A wait that returned with nothing has waited long enough, whatever the rounding of clocks says.
    mutating func expire(now: Int) {
        if deadline != nil { deadline = min(deadline ?? now, now) }
    }

    mutating func stop() { deadline = nil }
}
