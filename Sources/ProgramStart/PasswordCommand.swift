internal import Credentials
internal import Glibc
internal import HiddenCharacters
internal import OperatingSystem
package import PostgresClient

/// The command that says the password of a database: run anew for each connection, without a shell.
public struct PasswordCommand: Equatable, Sendable {
    /// Its key in the settings.
    static let key = "password_command"

    /// The program's full path, and its arguments.
    let arguments: [String]
    /// Where it is set, in words.
    let setting: String

    /// The program's full path.
    public var program: String { arguments.first ?? "" }

    /// How long it may take.
    private static let patience = Duration.seconds(10)
    /// How much it may say, in bytes.
    private static let limit = 65536
    /// The variables that it gets beside PATH, as those do that send mail.
    private static let variables = ["HOME", "USER", "LOGNAME"]
    /// How much of what it says of a failure is shown.
    private static let longestRemark = 200

    /// Throws where it cannot be used: where something else says a password too, or no program may be started.
    public func check(_ environment: [String: String], mayStartPrograms: Bool = true) throws(SettingsError) {
        if environment["PGPASSWORD"]?.isEmpty == false { throw .passwordTwice(setting: setting) }
        if !mayStartPrograms { throw .commandForbidden(setting: setting) }
    }
}

extension PasswordCommand: PasswordSource {
    package func lend<Value>(
        until end: Deadline?, _ interruption: WaitInterruption, _ body: (UnsafePointer<CChar>) throws -> Value
    ) throws -> Value {
        try password(until: end, interruption).withCString(body)
    }

    private func password(until end: Deadline?, _ interruption: WaitInterruption) throws -> Secret {
        var run: BoundedRun?
        let time = min(Self.patience, end?.timeLeft ?? Self.patience)
        let output: Secret
        do {
            output = try Secret(capacity: Self.limit + 1) { room throws(SystemCallFailure) in
                let ended = try BoundedRun(
                    arguments, keeping: Self.variables, into: room, milliseconds: Int(time / .milliseconds(1)),
                    interruption: (interruption.wake, { interruption.isSet }))
                run = ended
                return ended.count
            }
        } catch {
            throw fault(.notStarted(String(cString: strerror(error.code))))
        }
        let password = output.firstLine
        // Where it said anything on standard output, its remarks could have of the password, or all of it.
        let said = run.map { $0.count == 0 ? Self.firstLine(of: $0.remarks) : "" } ?? ""
        switch run?.ending {
        case .exited(0): break
        case .exited(let code): throw fault(.failed(code), said)
        case .overdue, nil: throw fault(.overdue(seconds: max(1, Int(time / .seconds(1)))), said)
        case .overflowing: throw fault(.tooLong(bytes: Self.limit))
        case .interrupted: throw PostgresError.cancelled
        }
        if password.isEmpty { throw fault(.empty, said) }
        if password.containsNUL { throw fault(.containsNUL) }
        return password
    }

    private func fault(_ cause: PasswordFault.Cause, _ said: String = "") -> PasswordFault {
        PasswordFault(cause, setting: setting, program: program, said: said)
    }

    /// Without what disturbs a screen or a log.
    private static func firstLine(of remarks: [UInt8]) -> String {
        let lines = String(decoding: remarks, as: UTF8.self).split(whereSeparator: \.isNewline).lazy.map { line in
            String(String.UnicodeScalarView(line.unicodeScalars.filter { !$0.isHidden }))
        }
        guard let line = lines.first(where: { !$0.allSatisfy(\.isWhitespace) }) else { return "" }
        return line.count > longestRemark ? line.prefix(longestRemark) + "…" : line
    }
}
