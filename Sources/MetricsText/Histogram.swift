internal import Synchronization

/// Counts how long something took, by the value of one label.
public final class Histogram: Sendable {
    private struct Series {
        /// How many were in each range; the last are those that were above all bounds.
        var counts: [Int]
        var sum = 0.0
    }

    private let name: String
    private let help: String
    private let label: String
    private let bounds: [Double]
    private let series = Mutex<[String: Series]>([:])

    /// A histogram with these bounds, each of which belongs to what is below it; the values of its label come from a closed list.
    public init(_ name: String, _ help: String, label: String, bounds: [Double]) {
        (self.name, self.help, self.label, self.bounds) = (name, help, label, bounds)
    }

    /// Takes one more.
    public func observe(_ value: Double, _ labelled: String) {
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        series.withLock { series in
            var one = series[labelled] ?? Series(counts: Array(repeating: 0, count: bounds.count + 1))
            one.counts[place] += 1
            one.sum += value
            series[labelled] = one
        }
    }

    /// Adds what was taken to a page: for each bound how many were not above it, and how many there were, with their sum.
    public func add(to page: inout MetricsPage) {
        var samples: [MetricsPage.Sample] = []
        for (value, one) in series.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            let own = [(name: label, value: value)]
            var total = 0
            for (count, bound) in zip(one.counts, bounds + [.infinity]) {
                total += count
                samples.append(
                    MetricsPage.Sample(
                        Double(total), suffix: "_bucket", own + [(name: "le", value: MetricsPage.number(bound))]))
            }
            samples.append(MetricsPage.Sample(one.sum, suffix: "_sum", own))
            samples.append(MetricsPage.Sample(Double(total), suffix: "_count", own))
        }
        page.add(name, .histogram, help, samples)
    }
}
