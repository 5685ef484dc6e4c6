internal import CGlibc
internal import Glibc

/// Bytes that another program reads or writes as a file, without a file: nothing of them is ever on a disk.
public enum ScratchFile {
    /// A descriptor, close-on-exec, at the beginning of these bytes, open for reading and writing; nil, with errno, where
    /// there is no memory. It needs no directory that can be written to.
    public static func open(holding bytes: [UInt8] = []) -> Int32? {
        let descriptor = cg_memory_file("convonet-admin")
        guard descriptor >= 0 else { return nil }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                write(descriptor, all.baseAddress?.advanced(by: written), all.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = errno
                close(descriptor)
                errno = failure
                return nil
            }
            written += count
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }
}
