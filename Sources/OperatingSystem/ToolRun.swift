internal import Glibc

/// Another program, run to its end without a shell.
public struct ToolRun {
    /// Its exit code; 128 and the signal's number where a signal ended it.
    public var status: Int32
    /// What it said, on standard output and standard error together; at most 4096 bytes.
    public var output: String

    /// Runs `arguments`, the first of them found by `ProgramPath`, with `input` as standard input and nothing else inherited.
    ///
    /// Its environment is a PATH of the system's own directories and the variables named. Whoever has not ended after
    /// `seconds` is killed. nil where it cannot be started.
    public init?(_ arguments: [String], input: [UInt8], keeping variables: [String] = [], seconds: Int? = nil) {
        guard let inputFile = Self.source(input) else { return nil }
        defer { close(inputFile) }
        // In memory: neither a full disk nor a /tmp that nobody may write to keeps a mail from being sent.
        guard let outputFile = ScratchFile.open() else { return nil }
        defer { close(outputFile) }
        guard
            let process = try? ChildProcess.spawn(
                arguments, environment: ChildProcess.variables(keeping: variables),
                descriptors: [inputFile, outputFile, outputFile])
        else { return nil }
        status = process.wait(seconds: seconds)
        output = Self.text(of: outputFile)
    }

    /// A descriptor that the bytes can be read from: a pipe, which no disk ever sees, where it can hold them all.
    static func source(_ bytes: [UInt8]) -> Int32? {
        guard bytes.count <= 65536 else { return ScratchFile.open(holding: bytes) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        defer { close(ends[1]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        guard write(ends[1], bytes, bytes.count) == bytes.count else {
            close(ends[0])
            return nil
        }
        return ends[0]
    }

    private static func text(of descriptor: Int32) -> String {
        lseek(descriptor, 0, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
