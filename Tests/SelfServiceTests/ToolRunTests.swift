import Glibc
import ProgramStart
import TestPrograms
import Testing

/// Programs that ours starts, such as the one that sends mail.
@Suite struct ToolRunTests {
    @Test func aProgramGetsItsInputAndNothingElseThatIsOpen() throws {
        // Not close-on-exec: as what a library opens, or what was handed to this process.
        let open = try ScratchFile()
        try withExtendedLifetime(open) {
            let script = "cat; [ -e /proc/$$/fd/0 ] && [ ! -e /proc/$$/fd/$1 ]"
            let run = try #require(ToolRun(["sh", "-c", script, "sh", "\(open.descriptor)"], input: Array("in".utf8)))
            #expect(run.status == 0)
            #expect(run.output == "in")
        }
    }

    @Test func whoDoesNotEndIsKilled() throws {
        let run = try #require(ToolRun(["sleep", "3600"], input: [], seconds: 1))
        #expect(run.status == 128 + SIGKILL)
    }

    @Test func aProgramThatIsNotThereIsNone() {
        #expect(ToolRun(["/nonexistent/sendmail"], input: []) == nil)
    }
}
