/// Editing, as a masked prompt needs it; each change is a new secret, and the old one is wiped with its last reference.
extension Secret {
    /// With a byte added at the end, as it comes from a terminal: a code point may take several.
    public func appending(byte: UInt8) -> Secret {
        spliced(at: byteCount, removing: 0, inserting: CollectionOfOne(byte))
    }

    /// With text put in before the code point at an offset from 0; an offset outside is taken as the nearer end.
    public func inserting(_ text: String, atCodePoint offset: Int) -> Secret {
        spliced(at: byteOffset(ofCodePoint: offset), removing: 0, inserting: text.utf8)
    }

    /// Without the code point at an offset from 0; unchanged where there is none.
    public func removing(codePointAt offset: Int) -> Secret {
        guard offset >= 0, offset < codePointCount else { return self }
        let start = byteOffset(ofCodePoint: offset)
        return spliced(at: start, removing: byteOffset(ofCodePoint: offset + 1) - start, inserting: EmptyCollection())
    }

    private func byteOffset(ofCodePoint offset: Int) -> Int {
        guard offset > 0 else { return 0 }
        return withBytes { bytes in
            var seen = 0
            for index in bytes.indices where bytes[index] & 0xC0 != 0x80 {
                if seen == offset { return index }
                seen += 1
            }
            return byteCount
        }
    }

    private func spliced(at start: Int, removing removed: Int, inserting added: some Collection<UInt8>) -> Secret {
        let memory = SecretMemory(capacity: byteCount - removed + added.count)
        let target = memory.start
        let count = withBytes { bytes in
            var count = 0
            func put(_ byte: UInt8) {
                target.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
                count += 1
            }
            for index in 0..<start { put(bytes[index]) }
            for byte in added { put(byte) }
            for index in (start + removed)..<bytes.count { put(bytes[index]) }
            return count
        }
        return Secret(memory: memory, byteCount: count)
    }
}
