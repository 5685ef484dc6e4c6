internal import Glibc

extension ReadableFile {
    /// Its length in bytes.
    public func size() throws(FileProblem) -> Int {
        var state = stat()
        guard fstat(descriptor, &state) == 0 else { throw .last }
        return Int(state.st_size)
    }

    /// The bytes from a position on, of which there are `count`, or as many as the file has.
    ///
    /// Read and not mapped: a file that is cut short while it is in use would end the program.
    public func bytes(at position: Int, count: Int) throws(FileProblem) -> [UInt8] {
        var failure: FileProblem?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, filled in
            while filled < buffer.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let read = pread(descriptor, rest.baseAddress, rest.count, off_t(position + filled))
                if read < 0, errno == EINTR { continue }
                if read < 0 { failure = .last }
                guard read > 0 else { return }
                filled += read
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
