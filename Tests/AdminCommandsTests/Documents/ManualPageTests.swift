import ProgramStart
import TestDatabase
import TestPrograms
import Testing

/// The manual pages say what the programs and the example of the settings say.
@Suite struct ManualPageTests {
    private func page(_ arguments: String..., date: String? = nil) async throws -> String {
        let output = try TemporaryFile(), silence = try TemporaryFile()
        let process = try StartedProgram(
            arguments, environment: date.map { ["SOURCE_DATE_EPOCH": $0] } ?? [:],
            descriptors: [silence.descriptor, output.descriptor, silence.descriptor],
            executable: SourceTree.root + "/packaging/man-pages")
        #expect(await process.wait() == 0)
        return output.text()
    }

    /// What begins with a dot and is no request of man(7) would not be shown.
    private func expectNothingIsLost(_ page: String) {
        let requests: Set<Substring> = [
            ".", ".TH", ".SH", ".SS", ".PP", ".TP", ".TQ", ".RS", ".RE", ".EX", ".EE", ".nh", ".ad",
        ]
        for line in page.split(separator: "\n") {
            #expect(!line.hasPrefix("'"), "\(line)")
            guard line.hasPrefix(".") else { continue }
            #expect(requests.contains(line.prefix { $0 != " " }), "\(line)")
        }
    }

    @Test func everyCommandIsThereWithItsExitCodes() async throws {
        let page = try await page(StartedProgram.path)
        expectNothingIsLost(page)
        let help = try await CommandRun(["--help"]).output
        let commands = help[try #require(help.firstRange(of: "SUBCOMMANDS:")).upperBound...].matches(
            of: /\n  ([a-z-]+)/)
        #expect(commands.count > 20)
        for command in commands {
            let name = command.1.replacing("-", with: "\\-")
            #expect(page.contains(".SS \"\(name)\"\n"), "\(name)")
        }
        for code in ["0", "64", "65", "67", "69", "70", "71", "74", "75", "77", "78"] {
            #expect(page.contains(".TP\n\\fB\(code)\\fR\n"), "\(code)")
        }
        #expect(try await self.page(StartedProgram.path) == page)
    }

    @Test func theServiceHasOneToo() async throws {
        let page = try await page(StartedProgram.path(of: "convonet-self-service"), date: "86400")
        expectNothingIsLost(page)
        #expect(page.hasPrefix(".TH CONVONET\\-SELF\\-SERVICE 1 \"1970-01-02\" "))
        for word in ["\\-\\-check", ".SH EXIT STATUS", ".SH EXAMPLES"] { #expect(page.contains(word), "\(word)") }
    }

    @Test func everySettingIsExplained() async throws {
        let page = try await page("--settings", SourceTree.root + "/config.example.toml", "0.1.0")
        expectNothingIsLost(page)
        for (table, keys) in SettingsDocument.keys {
            let section = try #require(
                page.split(separator: ".SS \"[\(table)]\"").last?.split(separator: "\n.SS ").first)
            for key in keys { #expect(section.contains("\\fB\(key) = "), "\(table).\(key)") }
        }
    }
}
