import Glibc
import OperatingSystem
import TestPrograms
import Testing

/// Programs that are asked for something: what they say is taken, and they are not waited for without end.
@Suite struct BoundedRunTests {
    /// Runs a script, with room for so many bytes; what it said, besides.
    private func run(
        _ script: String, room: Int = 100, milliseconds: Int = 20_000, wake: WakeSignal = WakeSignal(),
        isSet: @escaping () -> Bool = { false }
    ) throws -> (run: BoundedRun, output: String) {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { room.deallocate() }
        let run = try BoundedRun(
            ["/bin/sh", "-c", script], keeping: ["HOME"], into: room, milliseconds: milliseconds,
            interruption: (wake, isSet))
        return (run, String(decoding: room[..<run.count], as: UTF8.self))
    }

    /// Whether a process with these words is there and no zombie.
    private func isRunning(_ words: String) throws -> Bool {
        let found = try #require(ToolRun(["pgrep", "-f", words], input: []))
        return found.status == 0
    }

    @Test func outputAndErrorsAreToldApart() throws {
        let (run, output) = try run("echo out; echo err >&2; exit 3")
        #expect(run.ending == .exited(3))
        #expect(output == "out\n")
        #expect(String(decoding: run.remarks, as: UTF8.self) == "err\n")
        #expect(try self.run("kill -TERM $$").run.ending == .exited(128 + SIGTERM))
    }

    @Test func itGetsNothingThatIsNotNamed() throws {
        setenv("CONVONET_TEST_SECRET", "x", 1)
        let (_, output) = try run("cat; env | cut -d= -f1 | sort | tr '\\n' ' '")
        #expect(!output.contains("SECRET") && output.contains("PATH"), "\(output)")
    }

    /// Some programs look for parts of themselves where they are started, and there anybody may have put some.
    @Test func itBeginsAtTheRoot() throws { #expect(try run("pwd").output == "/\n") }

    @Test func whoDoesNotEndIsStoppedWithAllThatItStarted() throws {
        let began = SystemClock.milliseconds()
        let (run, output) = try run("sleep 3471 & echo begun; sleep 3472", milliseconds: 300)
        #expect(run.ending == .overdue && output == "begun\n")
        #expect(SystemClock.milliseconds() - began < 10_000)
        #expect(try !isRunning("sleep 347[12]"))
    }

    @Test func whoSaysTooMuchIsStopped() throws {
        #expect(try run("yes; exit 0").run.ending == .overflowing)
        #expect(try run("yes >&2", milliseconds: 300).run.ending == .overdue)
        #expect(try run("printf 0123456789", room: 10).run.ending == .overflowing)
        #expect(try run("printf 012345678", room: 10).run.ending == .exited(0))
        #expect(try run("head -c 9999 /dev/zero >&2").run.remarks.count == 4096)
    }

    /// What goes on in the background, and keeps what it was given open, keeps nobody waiting.
    @Test func whatItLeavesBehindIsNotWaitedFor() throws {
        let began = SystemClock.milliseconds()
        let (run, output) = try run("echo done; sleep 3473 &")
        #expect(run.ending == .exited(0) && output == "done\n")
        #expect(SystemClock.milliseconds() - began < 10_000)
        _ = ToolRun(["pkill", "-f", "sleep 347[3]"], input: [])
    }

    @Test func whoeverGivesUpIsHeard() throws {
        let wake = WakeSignal()
        wake.fire()
        #expect(try run("sleep 3474", wake: wake, isSet: { true }).run.ending == .interrupted)
        // Woken for something else.
        wake.fire()
        #expect(try run("sleep 0.1", wake: wake).run.ending == .exited(0))
        #expect(try !isRunning("sleep 347[4]"))
    }

    @Test func itHasNoTerminal() throws {
        #expect(try run("echo x >/dev/tty; tty").output == "not a tty\n")
        #expect(throws: SystemCallFailure("posix_spawn", "/nonexistent/x", code: ENOENT)) {
            try BoundedRun(
                ["/nonexistent/x"], keeping: [], into: .init(start: nil, count: 0), milliseconds: 1,
                interruption: (WakeSignal(), { false }))
        }
    }
}
