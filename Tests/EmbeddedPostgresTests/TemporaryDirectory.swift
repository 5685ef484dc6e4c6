import Glibc
import OperatingSystem

@testable import EmbeddedPostgres

/// A directory that the server's user may use too, removed with the last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init(mode: mode_t = 0o755) throws {
        var template = Array("/tmp/convonet-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.failure("mkdtemp", "/tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, mode)
        // As root the server runs as another user.
        if mode != 0o700 {
            let user = try ServerUser.current()
            if user.isAnother { chown(path, user.uid, user.gid) }
        }
    }

    deinit { _ = try? ChildProcess.run(["rm", "-rf", path]) }
}

extension FileSystem {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
