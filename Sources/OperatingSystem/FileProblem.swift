internal import Glibc

/// Why a file cannot be read or made; `description` goes on from "FILE cannot be read: ".
public enum FileProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed.
    case system(Int32)
    /// It is none that has an end of its own: reading it could wait for ever.
    case notAFile(Kind)
    /// It has more bytes than are taken.
    case tooLarge(limit: Int)
    /// A file of the name is there already.
    case isThere
    /// Somebody exchanged the file while it was written.
    case exchanged
    /// This process opens no files by name.
    case restricted

    /// What stands where a file is wanted.
    public enum Kind: String, Equatable, Sendable {
        /// A directory.
        case directory
        /// A pipe or FIFO, such as a shell's process substitution.
        case pipe
        /// A terminal or another device.
        case device
        /// A socket.
        case socket

        init(_ mode: mode_t) {
            self =
                switch mode & S_IFMT {
                case S_IFDIR: .directory
                case S_IFIFO: .pipe
                case S_IFSOCK: .socket
                default: .device
                }
        }
    }

    /// What is wrong, and for a pipe the way out.
    public var description: String {
        switch self {
        case .system(let code): String(cString: strerror(code))
        case .notAFile(.pipe):
            "it is a pipe (such as /dev/stdin or <(…)), not a file; save it as a file first"
        case .notAFile(let kind): "it is a \(kind.rawValue), not a file"
        case .tooLarge(let limit): "it is larger than \(Self.size(limit))"
        case .isThere: "it already exists and is not overwritten"
        case .exchanged: "someone else changed its directory meanwhile; use one that only you can write to"
        case .restricted: "no file can be named where sshd forces this command; run it in a shell of your own"
        }
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : bytes >= 1 << 10 ? "\(bytes >> 10) KiB" : "\(bytes) bytes"
    }

    /// The last system call's error.
    static var last: FileProblem { .system(errno) }
}
