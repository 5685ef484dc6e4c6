import Glibc
import OperatingSystem

extension ChildProcess {
    /// How a short command ended.
    struct Outcome: Sendable {
        var succeeded: Bool
        var output: String
        var errors: String
    }

    /// Starts a program with the environment that `ProcessEnvironment` allows.
    static func spawn(
        _ arguments: [String], descriptors: [Int32], inOwnSession: Bool = false
    ) throws(ClusterFailure) -> ChildProcess {
        do {
            return try spawn(
                arguments, environment: ProcessEnvironment.forChildren, descriptors: descriptors,
                inOwnSession: inOwnSession)
        } catch {
            throw SystemError.failure(error.call, error.subject, code: error.code)
        }
    }

    /// Runs a command to its end, with `input` as its standard input.
    static func run(_ arguments: [String], input: String = "") throws(ClusterFailure) -> Outcome {
        let standardInput = try FileSystem.scratchFile(holding: input)
        defer { close(standardInput) }
        let output = try FileSystem.scratchFile()
        defer { close(output) }
        let errors = try FileSystem.scratchFile()
        defer { close(errors) }
        let status = try spawn(arguments, descriptors: [standardInput, output, errors]).wait()
        lseek(output, 0, SEEK_SET)
        lseek(errors, 0, SEEK_SET)
        return Outcome(
            succeeded: status == 0,
            output: String(decoding: FileSystem.readToEnd(output), as: UTF8.self),
            errors: String(decoding: FileSystem.readToEnd(errors), as: UTF8.self))
    }
}
