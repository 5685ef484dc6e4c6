import Glibc
import ProgramStart
import TestDatabase
import TestPrograms
import Testing

@Suite struct VersionReportTests {
    private static func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
        let output = try TemporaryFile()
        let silence = try TemporaryFile()
        let process = try StartedProgram(
            arguments, environment: [:], descriptors: [silence.descriptor, output.descriptor, silence.descriptor],
            executable: StartedProgram.path(of: program))
        return (await process.wait(), output.text())
    }

    @Test(arguments: ["convonet-admin", "convonet-self-service"])
    func itNamesWhatTheProgramIsMadeOf(program: String) async throws {
        let run = try await Self.run(program, ["--version", "--verbose"])
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n")
        #expect(lines.first?.wholeMatch(of: /convonet-\S+ +\d+\.\d+\.\d+/) != nil)
        for fact in [
            "commit +(not known: .*|[0-9a-f]{40}(-dirty)?)", "Swift +6\\..*",
            "schema +\\d+, which serves programs that need \\d+ or newer", "system +Linux .*",
            "libpq +\\d+\\.\\d+, /.*libpq\\.so.*", "OpenSSL +OpenSSL 3.*, /.*libcrypto\\.so.*", "libcrypt +/.*",
            "libzxcvbn +/.*", "glibc +2\\.\\d+, /.*libc\\.so.*", "swift-crypto +\\d+\\.\\d+\\.\\d+, linked in",
        ] {
            let wanted = try Regex(fact)
            #expect(lines.contains { $0.wholeMatch(of: wanted) != nil }, "\(fact)")
        }
        // Only the console draws; only the service speaks HTTP.
        let isConsole = program == "convonet-admin"
        #expect(lines.contains { $0.hasPrefix("ncurses ") } == isConsole)
        #expect(lines.contains { $0.hasPrefix("swift-nio-ssl ") } != isConsole)
    }

    @Test func asJSONItIsOneObject() async throws {
        let run = try await CommandRun(["--json", "--verbose", "--version"])
        #expect(run.status == 0)
        let object = try #require(try run.objects.first)
        #expect(
            object.names == [
                "format", "program", "version", "commit", "swift", "schema", "serves_from", "system", "packages",
                "libraries",
            ])
    }

    /// A word that is not its own is never taken for a wish to see versions: it could be a password.
    @Test func withAnythingElseItIsWrongUsageOrThePlainVersion() async throws {
        let extra = try await CommandRun(["--version", "--verbose", "Zebra-41-quilt"])
        #expect(!(extra.output + extra.errors).contains("Zebra"))
        #expect(try await CommandRun(["--version"]).output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
        #expect(try await CommandRun(["--verbose"]).status == 64)
    }

    @Test func whatCannotBeWrittenIsAnError() async throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let silence = try TemporaryFile()
        let process = try StartedProgram(
            ["--version", "--verbose"], environment: [:], descriptors: [silence.descriptor, full, silence.descriptor])
        #expect(await process.wait() == 74)
    }

    @Test func thePackagesAreThoseThatAreBuilt() throws {
        let package = String(decoding: try SourceTree.contents(of: SourceTree.root + "/Package.swift"), as: UTF8.self)
        for each in LinkedPackage.all {
            #expect(package.contains("/\(each.name)\", exact: \"\(each.version)\""), "\(each.name)")
        }
    }

    @Test func bothProgramsHaveOneVersion() async throws {
        let versions = try await [
            Self.run("convonet-admin", ["--version"]), Self.run("convonet-self-service", ["--version"]),
        ]
        #expect(versions[0].output == versions[1].output)
    }
}
