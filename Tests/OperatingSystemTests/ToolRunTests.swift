import Glibc
import OperatingSystem
import TestPrograms
import Testing

/// Programs that ours starts, such as the one that sends mail.
@Suite struct ToolRunTests {
    @Test func aProgramGetsItsInputAndNothingElseThatIsOpen() throws {
        // Not close-on-exec: as what a library opens, or what was handed to this process.
        let open = try TemporaryFile()
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

    @Test(arguments: ["/nonexistent/sendmail", "no-such-program", "", "../bin/sh", "bin/sh", "/usr/bin", "sh\0x"])
    func aProgramThatIsNotThereIsNone(program: String) {
        #expect(ToolRun([program], input: []) == nil)
        #expect(ToolRun([], input: []) == nil)
    }

    @Test func aProgramGetsThePathOfTheSystemAndNotOurs() throws {
        let run = try #require(ToolRun(["sh", "-c", "echo $PATH"], input: []))
        #expect(run.output == "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/usr/local/sbin\n")
        #expect(ProgramPath.find("sh") == "/usr/bin/sh" || ProgramPath.find("sh") == "/bin/sh")
    }

    @Test func whatIsLongIsHandedOverWhole() throws {
        let run = try #require(ToolRun(["wc", "-c"], input: [UInt8](repeating: 0x78, count: 200_000)))
        #expect(run.output == "200000\n")
    }
}
