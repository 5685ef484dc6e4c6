import ProgramStart

/// An error of a command itself: the words and the code.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    var status: ExitStatus
    var description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }

    /// A signal ended it, and nothing more is to be said.
    static func ended(by signal: Int32) -> CommandFailure {
        .silent(ExitStatus(rawValue: 128 + signal) ?? .terminated)
    }

    /// Nothing more is to be said; only the code matters.
    static func silent(_ status: ExitStatus) -> CommandFailure { CommandFailure(status, "") }
}

extension ExitStatus {
    /// The code for an error.
    init(_ error: any Error) {
        self = (error as? CommandFailure)?.status ?? ExitStatus(known: error) ?? .defect
    }
}
