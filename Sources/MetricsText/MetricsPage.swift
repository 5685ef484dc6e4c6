/// A page of metrics in Prometheus' text exposition format, version 0.0.4.
public struct MetricsPage: Sendable {
    /// What its Content-Type is.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page as far as it is written.
    public private(set) var text = ""

    /// A page with nothing on it.
    public init() {}

    /// What a family's numbers are.
    public enum Kind: String, Sendable {
        /// They only grow, until the process ends.
        case counter
        /// They are as they are now.
        case gauge
        /// They count by how large something was.
        case histogram
    }

    /// One number, with what tells it from the others of its family.
    public struct Sample: Equatable, Sendable {
        /// Behind the family's name; only those of a histogram have one.
        var suffix = ""
        var labels: [(name: String, value: String)] = []
        var value: Double

        /// A number of its own; `labels` keep their order.
        public init(_ value: Double, _ labels: [(name: String, value: String)] = []) {
            (self.value, self.labels) = (value, labels)
        }

        init(_ value: Double, suffix: String, _ labels: [(name: String, value: String)]) {
            (self.suffix, self.labels, self.value) = (suffix, labels, value)
        }

        /// Whether they are the same number of the same thing.
        public static func == (left: Sample, right: Sample) -> Bool {
            left.suffix == right.suffix && left.value == right.value && left.labels.elementsEqual(right.labels, by: ==)
        }
    }

    /// Writes a family: what it is, and its numbers, which may be none.
    public mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quoted: true))\"" }
            text += name + sample.suffix
            if !labels.isEmpty { text += "{" + labels.joined(separator: ",") + "}" }
            text += " \(Self.number(sample.value))\n"
        }
    }

    /// Writes a family of one number that is as it is now.
    public mutating func add(_ name: String, _ help: String, _ value: Double) {
        add(name, .gauge, help, [Sample(value)])
    }

    private static func escaped(_ text: String, quoted: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quoted: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// As Go reads numbers.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { String($0) } ?? "\(value)"
    }
}
