/// Knows when the terminal has shown what was sent to it: behind each paint that must be seen it is asked where its cursor
/// stands (DSR), and it answers in the order of what it reads.
struct PaintReports: Equatable {
    /// Milliseconds after which a terminal counts as one that does not answer.
    static let patience = 1500

    /// Answers that are still to come, the late ones too.
    private(set) var outstanding = 0
    /// Whether somebody waits for the last of them.
    private(set) var isAwaited = false
    private var deadline = 0
    /// Until the terminal has let one go unanswered, and again once it has answered late.
    private var answers = true

    /// Of a terminal that is not known to answer nothing is asked.
    init(answers: Bool = true) { self.answers = answers }

    /// How long the last answers are waited for when the program ends, in milliseconds: a terminal that has given up on
    /// them is not waited for as long.
    var lastPatience: Int { answers ? 1000 : 300 }

    /// Begins to wait; false where that is no use, and nothing is to be asked.
    mutating func ask(now: Int) -> Bool {
        isAwaited = answers
        guard answers else { return false }
        outstanding += 1
        deadline = now + Self.patience
        return true
    }

    /// Nobody waits for answers to what was asked until now: something else is to be seen first.
    mutating func postpone() { isAwaited = false }

    /// Takes an answer; true where it is the one that is waited for.
    mutating func take() -> Bool {
        outstanding = max(0, outstanding - 1)
        answers = true
        guard isAwaited, outstanding == 0 else { return false }
        isAwaited = false
        return true
    }

    /// The milliseconds until it is not waited for any longer; nil where nobody waits.
    func remaining(now: Int) -> Int? { isAwaited ? max(0, deadline - now) : nil }

    /// Ends a wait that took too long; true where there was one. The next one is not begun, unless it answers after all.
    mutating func expire(now: Int) -> Bool {
        guard isAwaited, deadline <= now else { return false }
        isAwaited = false
        answers = false
        return true
    }
}
