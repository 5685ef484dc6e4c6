import TestDatabase
import TestPrograms

/// The built program, run to its end with nothing of this process's environment but what a test gives it.
struct CommandRun {
    /// The exit code; 128 and the signal's number where a signal ended it.
    var status: Int32
    /// Standard output.
    var output: String
    /// Standard error.
    var errors: String

    /// Runs without a controlling terminal; `input` is all of standard input.
    init(_ arguments: [String], input: String = "", environment: [String: String] = [:]) async throws {
        try await self.init(arguments, input: Array(input.utf8), environment: environment)
    }

    /// Runs with any bytes on standard input.
    init(_ arguments: [String], input: [UInt8], environment: [String: String] = [:]) async throws {
        let files = try (TemporaryFile(holding: input), TemporaryFile(), TemporaryFile())
        let process = try StartedProgram(
            arguments, environment: environment,
            descriptors: [files.0.descriptor, files.1.descriptor, files.2.descriptor])
        status = await process.wait()
        output = files.1.text()
        errors = files.2.text()
    }

    /// Runs on a test's database as one of its users.
    init(_ database: TestDatabase, as user: TestDatabase.User = .operator, _ arguments: [String], input: String = "")
        async throws
    {
        try await self.init(arguments, input: input, environment: ["CONVONET_DB_URI": database.connectionString(user)])
    }

    /// The objects on standard output, one a line.
    var objects: [JSONReading] { get throws { try output.split(separator: "\n").map { try JSONReading(String($0)) } } }
}
