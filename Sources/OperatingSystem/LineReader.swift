internal import Glibc

/// Reads a file, or a pipe, line by line, in memory that does not grow with it.
public struct LineReader {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var next = 0
    private var isAtEnd = false

    /// The most bytes of a line; what is beyond is passed over.
    public static let longestLine = 65536

    /// Reads from where the descriptor stands; closing it stays with the caller.
    public init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its end; nil behind the last.
    public mutating func line() throws(FileProblem) -> ArraySlice<UInt8>? {
        var isCut = false
        while true {
            if let end = buffer[next...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { next = end + 1 }
                if !isCut { return buffer[next..<end] }
                return []
            }
            if isAtEnd {
                defer { next = buffer.count }
                return next < buffer.count ? (isCut ? [] : buffer[next...]) : nil
            }
            // A line that is longer than any of ours is none: its end is looked for, and nothing kept.
            if buffer.count - next > Self.longestLine {
                isCut = true
                next = buffer.count
            }
            try fill()
        }
    }

    private mutating func fill() throws(FileProblem) {
        buffer.removeFirst(next)
        next = 0
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last }
            isAtEnd = count == 0
            buffer += chunk[..<count]
            return
        }
    }
}
