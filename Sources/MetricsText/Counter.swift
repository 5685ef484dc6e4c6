internal import Synchronization

/// Counts what happens, by the values of its labels, from the start of the process on.
///
/// Callers take the values from lists that are closed; beyond `capacity` all else counts as one, so that a mistake there fills
/// neither our memory nor anybody's database of metrics.
public final class Counter: Sendable {
    private let name: String
    private let help: String
    private let labels: [String]
    private let capacity: Int
    private let counts: Mutex<[[String]: Int]>

    /// Takes the place of values for which there is no room.
    private static let rest = "other"

    /// A counter whose name ends with `_total`. What is among `known` is shown from the beginning, with 0, so that a first one is seen
    /// as growth.
    public init(
        _ name: String, _ help: String, labels: [String] = [], known: [[String]] = [], capacity: Int = 500
    ) {
        (self.name, self.help, self.labels, self.capacity) = (name, help, labels, capacity)
        counts = Mutex(Dictionary(known.map { ($0, 0) }) { first, _ in first })
    }

    /// Counts one more with these values, in the order of the labels.
    public func count(_ values: String...) {
        counts.withLock { counts in
            let hasRoom = counts[values] != nil || counts.count < capacity
            counts[hasRoom ? values : labels.map { _ in Self.rest }, default: 0] += 1
        }
    }

    /// Adds what was counted to a page.
    public func add(to page: inout MetricsPage) {
        let sorted = counts.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        page.add(
            name, .counter, help,
            sorted.map { values, count in
                MetricsPage.Sample(Double(count), zip(labels, values).map { (name: $0, value: $1) })
            })
    }
}
