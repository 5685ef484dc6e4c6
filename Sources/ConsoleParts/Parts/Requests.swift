package import ConsoleRequests
import ConvonetCore
package import ConvonetDatabase

/// What is asked for and not answered yet, and who waits for it.
package struct Requests: Sendable {
    package typealias Handler = @Sendable (inout any Part, Answer.Content, inout Shared) -> Void

    private var last = 0
    private var awaited: [Int: Awaited] = [:]

    private struct Awaited: Sendable {
        package var lane: Lane?
        package var part: Int
        package var take: Handler
    }

    /// The number of a new request.
    package mutating func next() -> Int {
        last += 1
        return last
    }

    /// Notes who takes the answer to a request.
    package mutating func expect<Holder: Part, Value: Sendable, Progress: Sendable>(
        _ request: Int, lane: Lane? = nil, by part: Int,
        progress: @escaping @Sendable (inout Holder, Progress, inout Shared) -> Void,
        then: @escaping @Sendable (inout Holder, Result<Value, AdminError>, inout Shared) -> Void
    ) {
        awaited[request] = Awaited(lane: lane, part: part) { part, content, shared in
            guard var holder = part as? Holder else { return }
            switch content {
            case .progress(let value): if let value = value as? Progress { progress(&holder, value, &shared) }
            case .end(.failure(let error)): then(&holder, .failure(error), &shared)
            case .end(.success(let value)): if let value = value as? Value { then(&holder, .success(value), &shared) }
            }
            part = holder
        }
    }

    /// Waits for nothing of a lane any more.
    package mutating func forget(_ lane: Lane) { awaited = awaited.filter { $0.value.lane != lane } }

    /// Waits for nothing any more that a part asked for, and returns the lanes in which that was.
    package mutating func forget(part: Int) -> [Lane] {
        let ended = awaited.filter { $0.value.part == part }.sorted { $0.key < $1.key }
        awaited = awaited.filter { $0.value.part != part }
        return ended.compactMap(\.value.lane)
    }

    /// Whether something is being read in a lane.
    package func isAwaiting(_ lane: Lane) -> Bool { awaited.values.contains { $0.lane == lane } }

    /// Who takes an answer; nil for a stale one.
    package mutating func handler(of answer: Answer) -> (part: Int, take: Handler)? {
        guard let found = awaited[answer.request] else { return nil }
        if case .end = answer.content { awaited[answer.request] = nil }
        return (found.part, found.take)
    }
}
