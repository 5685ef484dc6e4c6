import ConvonetCore

/// Times of one thing, done again and again.
struct Measurement {
    let name: String
    private(set) var milliseconds: [Double] = []

    init(_ name: String) { self.name = name }

    mutating func time<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        let start = ContinuousClock.now
        let value = try await body()
        milliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
        return value
    }

    mutating func time<Value>(_ body: () throws -> Value) rethrows -> Value {
        let start = ContinuousClock.now
        let value = try body()
        milliseconds.append((ContinuousClock.now - start) / .milliseconds(1))
        return value
    }

    var median: Double { quantile(0.5) }

    func quantile(_ share: Double) -> Double {
        let sorted = milliseconds.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    /// Prints median and p99 in microseconds, of one of `count` equal steps in each measurement.
    func print(stepsEach count: Int = 1) {
        let scale = 1000 / Double(count)
        Swift.print(
            "{\"name\": \"\(name)\", \"median_us\": \(median * scale), \"p99_us\": \(quantile(0.99) * scale)}")
    }
}
