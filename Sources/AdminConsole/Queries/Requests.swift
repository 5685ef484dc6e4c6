import ConvonetCore

/// What is asked for and not answered yet.
struct Requests: Sendable {
    private var last = 0
    private var awaited: [Int: Awaited] = [:]

    private struct Awaited: Sendable {
        var lane: Lane?
        var take: @Sendable (inout Console, Answer.Content) -> [Effect]
    }

    /// The number of a new request.
    mutating func next() -> Int {
        last += 1
        return last
    }

    /// Asks for something to be read; `then` takes what comes of it, unless something else takes its place before.
    mutating func read<Reading: Work>(
        _ work: Reading, as number: Int? = nil,
        progress: @escaping @Sendable (inout Console, Reading.Progress) -> Void = { _, _ in },
        then: @escaping @Sendable (inout Console, Result<Reading.Value, AdminError>) -> [Effect]
    ) -> Effect {
        let (request, any) = (number ?? next(), AnyWork(work))
        for lane in any.cleared { forget(lane) }
        expect(request, lane: work.lane, progress: progress, then: then)
        return .read(request: request, any)
    }

    /// Asks for a change to be carried out.
    mutating func carryOut<Order: Work>(
        _ work: Order, as request: Int,
        progress: @escaping @Sendable (inout Console, Order.Progress) -> Void = { _, _ in },
        then: @escaping @Sendable (inout Console, Result<Order.Value, AdminError>) -> [Effect]
    ) -> Effect {
        expect(request, progress: progress, then: then)
        return .carryOut(request: request, AnyWork(work))
    }

    /// Notes who takes the answer to a request.
    mutating func expect<Progress: Sendable, Value: Sendable>(
        _ request: Int, lane: Lane? = nil,
        progress: @escaping @Sendable (inout Console, Progress) -> Void,
        then: @escaping @Sendable (inout Console, Result<Value, AdminError>) -> [Effect]
    ) {
        awaited[request] = Awaited(lane: lane) { console, content in
            switch content {
            case .progress(let value):
                if let value = value as? Progress { progress(&console, value) }
                return []
            case .end(.failure(let error)): return then(&console, .failure(error))
            case .end(.success(let value)):
                guard let value = value as? Value else { return [] }
                return then(&console, .success(value))
            }
        }
    }

    /// Waits for nothing of a lane any more.
    mutating func forget(_ lane: Lane) { awaited = awaited.filter { $0.value.lane != lane } }

    /// Who waits for an answer; nil for a stale one.
    mutating func taker(of answer: Answer) -> (@Sendable (inout Console, Answer.Content) -> [Effect])? {
        let taker = awaited[answer.request]?.take
        if case .end = answer.content { awaited[answer.request] = nil }
        return taker
    }
}
