/// Lines that were entered before, to be brought back one after the other as in a shell.
public struct LineHistory: Equatable, Sendable {
    /// The oldest first, each once.
    public private(set) var lines: [String] = []

    private static let most = 50

    /// A history of nothing.
    public init() {}

    /// Keeps a line as the last one.
    public mutating func keep(_ line: String) {
        lines.removeAll { $0 == line }
        lines.append(line)
        lines.removeFirst(max(0, lines.count - Self.most))
    }
}

/// How far back somebody is in a ``LineHistory``, and what they were typing before.
public struct LineRecall: Equatable, Sendable {
    private var place: Int?
    private var typed = ""

    /// Not on the way.
    public init() {}

    /// Whether an earlier line was brought back, and nothing was typed since.
    public var isUnderWay: Bool { place != nil }

    /// The line before the one that is shown; nil where there is none.
    public mutating func earlier(than text: String, in history: LineHistory) -> String? {
        let (typed, end) = (isUnderWay ? typed : text, place ?? history.lines.count)
        guard let index = history.lines[..<end].lastIndex(where: { $0 != typed }) else { return nil }
        (place, self.typed) = (index, typed)
        return history.lines[index]
    }

    /// The line behind it, and in the end what was being typed; nil where that is shown.
    public mutating func later(in history: LineHistory) -> String? {
        guard let place else { return nil }
        self.place = history.lines.indices.first { $0 > place && history.lines[$0] != typed }
        return self.place.map { history.lines[$0] } ?? typed
    }

    /// What is shown is being typed from now on.
    public mutating func end() { self = LineRecall() }
}
