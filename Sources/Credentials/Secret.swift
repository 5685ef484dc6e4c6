/// A password or PIN in memory of its own, which is wiped when the last reference goes, and which prints as `<secret>`.
///
/// It is immutable: editing makes a new one. It may hold any bytes, also none, NUL and invalid UTF-8: the rules judge
/// those. In a forked child it reads as zeros.
public final class Secret: Sendable {
    // Written only before `init` ends and only read after, so that every thread may read it.
    private nonisolated(unsafe) let memory: SecretMemory

    /// Number of bytes.
    public let byteCount: Int

    /// Whether the bytes are valid UTF-8.
    public let isValidUTF8: Bool

    /// Number of Unicode code points; where the bytes are not valid UTF-8, of those bytes that could begin one.
    public let codePointCount: Int

    /// Whether a NUL byte is among the bytes, at which C would end the text.
    public let containsNUL: Bool

    /// Keeps memory whose first `byteCount` bytes are filled in, and whose other bytes are zero.
    init(memory: consuming SecretMemory, byteCount: Int) {
        let bytes = UnsafeBufferPointer(
            start: memory.start.assumingMemoryBound(to: UInt8.self), count: byteCount)
        self.isValidUTF8 = (try? UTF8Span(validating: bytes.span)) != nil
        var leads = 0
        var hasNUL = false
        for byte in bytes {
            if byte & 0xC0 != 0x80 { leads += 1 }
            if byte == 0 { hasNUL = true }
        }
        self.codePointCount = leads
        self.containsNUL = hasNUL
        self.byteCount = byteCount
        self.memory = memory
    }

    /// Copies bytes; wiping where they came from stays with the caller.
    public convenience init(utf8 bytes: some Sequence<UInt8>) {
        var memory = SecretMemory(capacity: bytes.underestimatedCount)
        var count = 0
        for byte in bytes {
            if count + 1 == memory.capacity {
                let larger = SecretMemory(capacity: memory.capacity * 2)
                larger.start.copyMemory(from: memory.start, byteCount: count)
                memory = larger
            }
            memory.start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
            count += 1
        }
        self.init(memory: memory, byteCount: count)
    }

    /// Copies text that the caller holds anyway; the caller's `String` is not wiped.
    public convenience init(copying text: String) {
        self.init(utf8: text.utf8)
    }

    /// Whether there is not one byte.
    public var isEmpty: Bool { byteCount == 0 }

    /// Lends the bytes for the time of the call; they must not be copied to where nothing wipes them.
    public func withBytes<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Nothing else ties the object's life to the pointer's.
        defer { extendLifetime(self) }
        return try body(
            UnsafeBufferPointer(start: memory.start.assumingMemoryBound(to: UInt8.self), count: byteCount).span)
    }

    /// Lends the bytes with a NUL behind them, for C; a NUL among them ends the text early.
    package func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        defer { extendLifetime(self) }
        return try body(UnsafePointer(memory.start.assumingMemoryBound(to: CChar.self)))
    }

    /// The secret as a `String`, with U+FFFD for what is not UTF-8: only where a person is to read it or a pipe to get it.
    public func revealedText() -> String {
        withBytes { bytes in
            bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
        }
    }
}

extension Secret: Equatable {
    /// Compares in a time that depends on the lengths alone, not on where the bytes differ.
    public static func == (one: Secret, other: Secret) -> Bool {
        guard one.byteCount == other.byteCount else { return false }
        return one.withBytes { left in
            other.withBytes { right in
                var difference: UInt8 = 0
                for index in left.indices { difference |= left[index] ^ right[index] }
                return difference == 0
            }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<secret>`.
    public var description: String { "<secret>" }

    /// Always `<secret>`.
    public var debugDescription: String { "<secret>" }

    /// Without children, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
