/// An answer as curl saw it.
struct CurlAnswer: Equatable {
    var status: Int
    /// Header names in lower case.
    var headers: [String: String]
    var body: String
}

extension RunningService {
    /// Runs curl with these arguments behind the address of a path, of another listener where one is told.
    func curl(_ path: String, _ arguments: [String] = [], at other: String? = nil) async throws -> CurlAnswer {
        let text = try await Tool.run(["curl", "-sS", "-i", "--max-time", "50"] + arguments + [(other ?? base) + path])
            .replacing("\r\n", with: "\n")
        let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        var lines = parts[0].split(separator: "\n")
        let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
        var headers: [String: String] = [:]
        for line in lines {
            let pair = line.split(separator: ":", maxSplits: 1)
            headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].dropFirst()) : ""
        }
        return CurlAnswer(status: status, headers: headers, body: parts.count > 1 ? String(parts[1]) : "")
    }

    /// Sends JSON.
    func send(
        _ method: String, _ path: String, _ json: String, token: String? = nil, _ arguments: [String] = []
    ) async throws -> CurlAnswer {
        try await curl(
            path,
            ["-X", method, "-H", "Content-Type: application/json", "-d", json]
                + (token.map { ["-H", "Authorization: Bearer \($0)"] } ?? []) + arguments)
    }

    /// Sends JSON many times at once, each with a token of its own; the statuses and what Retry-After said.
    func sendAtOnce(
        _ path: String, _ requests: [(json: String, token: String)], method: String = "POST"
    ) async throws -> [(Int, String)] {
        var arguments = ["curl", "-sS", "--parallel", "--parallel-immediate", "--parallel-max", "100"]
        for (number, request) in requests.enumerated() {
            if number > 0 { arguments.append("--next") }
            arguments += [
                "-X", method, "-H", "Content-Type: application/json", "-H", "Authorization: Bearer \(request.token)",
                "-d", request.json, "-o", "/dev/null", "-w", "%{http_code} %header{retry-after}\n", base + path,
            ]
        }
        return try await Tool.run(arguments).split(separator: "\n").compactMap { line in
            // Besides, curl shows how far it is.
            guard let parts = line.firstMatch(of: /([0-9]{3}) (.*)$/), line.first?.isNumber == true else { return nil }
            return (Int(parts.1) ?? 0, String(parts.2))
        }
    }

    /// Whether it answered so.
    func answers(
        _ status: Int, _ body: String, _ method: String, _ path: String, _ json: String, token: String? = nil
    ) async throws -> CurlAnswer? {
        let answer = try await send(method, path, json, token: token)
        return answer.status == status && answer.body == body ? nil : answer
    }
}
