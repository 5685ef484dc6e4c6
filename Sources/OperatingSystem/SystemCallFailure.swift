internal import Glibc

/// A system call that failed.
package struct SystemCallFailure: Error, Equatable, Sendable {
    /// Its name.
    package let call: String
    /// What it was about: a path, a program.
    package let subject: String
    /// errno(3).
    package let code: Int32

    /// The call that failed last.
    package init(_ call: String, _ subject: String) { self.init(call, subject, code: errno) }

    package init(_ call: String, _ subject: String, code: Int32) {
        self.call = call
        self.subject = subject
        self.code = code
    }
}
