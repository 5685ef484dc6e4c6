/// Secrets that come from another program or a file, without being anywhere else in between.
extension Secret {
    /// Keeps what `fill` writes into memory of `capacity` bytes; it returns how many they are.
    package convenience init<Failure: Error>(
        capacity: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        let memory = SecretMemory(capacity: capacity)
        let count = try fill(UnsafeMutableRawBufferPointer(start: memory.start, count: capacity))
        self.init(memory: memory, byteCount: count)
    }

    /// The first line, without what ends it.
    package var firstLine: Secret {
        withBytes { bytes in
            var end = bytes.indices.first { bytes[$0] == UInt8(ascii: "\n") } ?? bytes.count
            if end < bytes.count, end > 0, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            return bytes.withUnsafeBufferPointer { Secret(utf8: $0[..<end]) }
        }
    }
}
