internal import Glibc

extension ReadableFile {
    /// What changes where a file is written to or exchanged: no file of the same name has the same.
    public struct State: Equatable, Sendable {
        /// Its length in bytes.
        public let size: Int
        private let device: UInt
        private let number: UInt
        private let seconds: Int
        private let nanoseconds: Int

        init(_ state: stat) {
            size = Int(state.st_size)
            (device, number) = (UInt(state.st_dev), UInt(state.st_ino))
            (seconds, nanoseconds) = (state.st_mtim.tv_sec, state.st_mtim.tv_nsec)
        }

        /// That of a path; nil where there is none.
        public init?(of path: String) {
            var state = stat()
            guard stat(path, &state) == 0 else { return nil }
            self.init(state)
        }
    }

    /// Its state.
    public func state() throws(FileProblem) -> State {
        var state = stat()
        guard fstat(descriptor, &state) == 0 else { throw .last }
        return State(state)
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
