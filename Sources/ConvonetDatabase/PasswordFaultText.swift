import PostgresClient

/// The words for a command that should have said the password and did not; a part of ``DatabaseErrorText``.
enum PasswordFaultText {
    static func text(of fault: PasswordFault) -> String {
        let said = fault.said.isEmpty ? "" : ", saying “\(fault.said)”"
        let what = "\(fault.program) (\(fault.setting))"
        return switch fault.cause {
        case .notStarted(let reason):
            "There is no password: \(what) cannot be started: \(reason). Install it, or correct the setting."
        case .failed(let code) where code > 128:
            "There is no password: \(what) was ended by signal \(code - 128)\(said). \(trial)"
        case .failed(let code): "There is no password: \(what) ended with exit code \(code)\(said). \(trial)"
        case .overdue(let seconds):
            "There is no password: \(what) did not end within \(seconds) seconds and was stopped\(said). \(trial)"
        case .tooLong(let bytes):
            "There is no password: \(what) wrote more than \(bytes / 1024) KiB. Let it write the password alone, in one line."
        case .empty:
            "There is no password: the first line that \(what) wrote is empty\(said). Let it write the password to standard "
                + "output, in the first line."
        case .containsNUL:
            "There is no password: what \(what) wrote has a NUL byte in it. Let it write the password alone, as text."
        }
    }

    private static let trial =
        "Run it as this user, with no variables but PATH, HOME, USER and LOGNAME, to see why."
}
