/// Where a password comes from that is not written down: asked anew for each connection.
package protocol PasswordSource: Sendable {
    /// Lends the password, which NUL ends, for as long as `body` runs. May keep this thread waiting, until `end` at most.
    ///
    /// Throws `PasswordFault` where there is none, `PostgresError.cancelled`, and what `body` does.
    func lend<Value>(
        until end: Deadline?, _ interruption: WaitInterruption, _ body: (UnsafePointer<CChar>) throws -> Value
    ) throws -> Value
}

/// Why the command that says the password did not.
public struct PasswordFault: Error, Equatable, Sendable {
    /// The causes that call for different next steps.
    public enum Cause: Equatable, Sendable {
        /// It cannot be started, for this reason.
        case notStarted(String)
        /// It ended with another exit code than 0; 128 and a signal's number where that ended it.
        case failed(Int32)
        /// It had not ended after so many seconds.
        case overdue(seconds: Int)
        /// It said more than so many bytes.
        case tooLong(bytes: Int)
        /// Its first line is empty.
        case empty
        /// There is a NUL byte in its first line.
        case containsNUL
    }

    /// The cause.
    public var cause: Cause
    /// Where the command is set.
    public var setting: String
    /// The path of its program.
    public var program: String
    /// The first line of what it said on standard error, fit to be shown; may be empty.
    public var said: String

    /// Whether waiting does not help.
    public var isLasting: Bool {
        if case .notStarted = cause { true } else { false }
    }

    /// A fault of a command.
    public init(_ cause: Cause, setting: String, program: String, said: String = "") {
        (self.cause, self.setting, self.program, self.said) = (cause, setting, program, said)
    }
}
