import Glibc

/// The last system call's error, as a typed failure and as words.
enum SystemError {
    static func failure(_ call: String, _ subject: String, code: Int32 = errno) -> ClusterFailure {
        .system(call: call, subject: subject, errno: code)
    }

    static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return buffer.withUnsafeBufferPointer {
            String(decoding: $0.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
