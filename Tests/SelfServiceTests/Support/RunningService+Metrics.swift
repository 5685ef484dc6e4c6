import TestDatabase

extension RunningService {
    /// Where it serves metrics, such as `http://127.0.0.1:40124`; it has to be told to.
    func metricsBase() async throws -> String {
        var port = ""
        try await eventually("metrics are served") {
            guard let line = talk.split(separator: "\n").first(where: { $0.contains("\"listening for metrics\"") }),
                let start = line.firstRange(of: "\"port\": \"")
            else { return false }
            port = String(line[start.upperBound...].prefix { $0 != "\"" })
            return true
        }
        return base.prefix { $0 != "/" } + "//127.0.0.1:\(port)"
    }

    /// The page of metrics.
    func metrics(_ arguments: [String] = []) async throws -> MetricsAnswer {
        MetricsAnswer(answer: try await curl("/metrics", arguments, at: try await metricsBase()))
    }
}

/// A page of metrics, and its numbers by name and labels as they stand there.
struct MetricsAnswer {
    let answer: CurlAnswer

    subscript(sample: String) -> Double? {
        answer.body.split(separator: "\n").first { $0.hasPrefix(sample + " ") }
            .flatMap { Double($0.dropFirst(sample.count + 1)) }
    }
}
