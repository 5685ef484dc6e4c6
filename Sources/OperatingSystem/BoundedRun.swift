internal import CGlibc
internal import Glibc

/// Another program, run without a shell, whose output is wanted, and no more of it than there is room for.
///
/// What it says goes through pipes into the room given, and is never on a disk. It has a session of its own: no terminal to
/// write to, the directory `/`, and a group that is killed where its time is over, where it says too much, or where nobody waits for it any more.
package struct BoundedRun: Sendable {
    /// How it came to an end.
    package enum Ending: Equatable, Sendable {
        /// By itself: the exit code, or 128 and the signal's number.
        case exited(Int32)
        /// It did not end in time.
        case overdue
        /// It said more than there is room for.
        case overflowing
        /// The caller gave up.
        case interrupted
    }

    /// How it ended.
    package private(set) var ending = Ending.overdue
    /// How many bytes of the room it filled with its standard output.
    package private(set) var count = 0
    /// What it said on standard error; at most 4096 bytes.
    package private(set) var remarks: [UInt8] = []

    private static let mostRemarks = 4096
    /// In milliseconds: how late its end may be noticed where something that it started keeps the pipes open, and where it closed
    /// them itself, as all do that end.
    private static let (turn, lastTurn) = (50, 2)

    /// Runs `arguments`, the first of them found by `ProgramPath`, with nothing on standard input, and with a PATH of the
    /// system's own directories and the variables named. `interruption` is a signal that wakes, and whether to give up then.
    package init(
        _ arguments: [String], keeping variables: [String], into room: UnsafeMutableRawBufferPointer,
        milliseconds: Int, interruption: (wake: WakeSignal, isSet: () -> Bool)
    ) throws(SystemCallFailure) {
        guard let input = ToolRun.source([]) else { throw SystemCallFailure("pipe", arguments.first ?? "") }
        defer { close(input) }
        let (output, errors) = (try OutputPipe(), try OutputPipe())
        let process = try ChildProcess.spawn(
            arguments, environment: ChildProcess.variables(keeping: variables),
            descriptors: [input, output.writingEnd, errors.writingEnd], inOwnSession: true, atRoot: true)
        output.closeWritingEnd()
        errors.closeWritingEnd()
        let end = SystemClock.milliseconds() + milliseconds
        while ending == .overdue {
            let left = end - SystemClock.milliseconds()
            guard left > 0 else { break }
            let turn = output.isOpen || errors.isOpen ? Self.turn : Self.lastTurn
            if Self.isWoken(interruption.wake, output, errors, within: min(left, turn)), interruption.isSet() {
                ending = .interrupted
                break
            }
            // Looked at before its last words are read: afterwards there are no more of them.
            let status = process.endedStatus()
            if count < room.count { count += output.read(into: .init(rebasing: room[count...])) }
            takeRemarks(errors)
            if count == room.count { ending = .overflowing } else if let status { ending = .exited(status) }
            if status != nil { return }
        }
        process.killGroup()
        process.wait()
    }

    private mutating func takeRemarks(_ pipe: OutputPipe) {
        var chunk = [UInt8](repeating: 0, count: Self.mostRemarks)
        let got = chunk.withUnsafeMutableBytes { pipe.read(into: $0) }
        remarks += chunk[..<got].prefix(Self.mostRemarks - remarks.count)
    }

    /// Waits until there is something to read or the time is over; whether it was the signal that woke.
    private static func isWoken(
        _ wake: WakeSignal, _ output: OutputPipe, _ errors: OutputPipe, within milliseconds: Int
    ) -> Bool {
        // poll(2) passes over what is below zero.
        let sources = [output, errors].map { $0.isOpen ? $0.source : -1 }
        var list = (sources + [wake.descriptor]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&list, nfds_t(list.count), Int32(clamping: milliseconds)) > 0, list[2].revents != 0 else {
            return false
        }
        wake.drain()
        return true
    }
}

/// A pipe of which another program has the writing end.
private final class OutputPipe {
    /// What it says is read from here, without waiting for it.
    let source: Int32
    private(set) var writingEnd: Int32
    /// Whether there may be more to read.
    private(set) var isOpen = true

    init() throws(SystemCallFailure) {
        var ends: [Int32] = [-1, -1]
        guard cg_pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemCallFailure("pipe2", "") }
        (source, writingEnd) = (ends[0], ends[1])
        _ = fcntl(source, F_SETFL, O_NONBLOCK)
    }

    deinit {
        closeWritingEnd()
        close(source)
    }

    func closeWritingEnd() {
        if writingEnd >= 0 { close(writingEnd) }
        writingEnd = -1
    }

    /// Reads what is there, until the room is full; returns how much that was.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        while count < room.count {
            let got = Glibc.read(source, room.baseAddress?.advanced(by: count), room.count - count)
            if got < 0, errno == EINTR { continue }
            if got == 0 { isOpen = false }
            guard got > 0 else { break }
            count += got
        }
        return count
    }
}
