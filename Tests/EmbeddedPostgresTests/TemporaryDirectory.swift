import Glibc

@testable import EmbeddedPostgres

/// A directory that everybody may use, removed with the last reference.
final class TemporaryDirectory: Sendable {
    let path: String

    init(mode: mode_t = 0o777) throws {
        var template = Array("/tmp/convonet-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.failure("mkdtemp", "/tmp") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, mode)
    }

    deinit { _ = try? ChildProcess.run(["rm", "-rf", path]) }
}
