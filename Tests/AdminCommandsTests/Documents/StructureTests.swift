import FoundationEssentials
import TestDatabase
import Testing

/// What keeps the parts of the program small enough to be read, and the map of them true.
@Suite struct StructureTests {
    private struct Source {
        let path: String
        let lines: [Substring]
        var name: Substring { path.split(separator: "/").last ?? "" }
        var module: String { path.split(separator: "/").prefix(2).joined(separator: "/") }
    }

    /// The files under a directory of the project whose names end so.
    private static func sources(_ directory: String, _ endings: String...) throws -> [Source] {
        let root = SourceTree.root + "/"
        return try FileManager.default.subpathsOfDirectory(atPath: root + directory)
            .filter { path in endings.contains { path.hasSuffix($0) } }.sorted().map { path in
                let text = String(decoding: try SourceTree.contents(of: "\(root)\(directory)/\(path)"), as: UTF8.self)
                return Source(
                    path: "\(directory)/\(path)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
            }
    }

    @Test func noModuleIsLongerThan6000Lines() throws {
        let modules = Dictionary(grouping: try Self.sources("Sources", ".swift", ".sql"), by: \.module)
        #expect(modules.count > 15)
        for (module, files) in modules {
            let count = files.reduce(0) { $0 + $1.lines.count - 1 }
            #expect(count <= 6000, "\(module) has \(count) lines")
        }
    }

    @Test func noSwiftFileIsLongerThan300Lines() throws {
        let files = try Self.sources("Sources", ".swift")
        #expect(files.count > 300)
        for file in files { #expect(file.lines.count - 1 <= 300, "\(file.path)") }
    }

    /// What the console says of an error names its keys (`inConsole`). Left to a shell is only what the database's owner does there.
    @Test func theConsoleSaysErrorsInItsOwnWords() throws {
        let parts = try Self.sources("Sources/ConsoleParts", ".swift") + Self.sources("Sources/AdminConsole", ".swift")
        for file in parts where file.name != "AdminError+Console.swift" {
            for line in file.lines {
                #expect(
                    !line.contains(/\berror\.description|\\\(error\)|AdminError\..*\.description/),
                    "\(file.path): \(line)")
            }
        }
        let words = try Self.sources("Sources/ConvonetDatabase", "ErrorText.swift", "+Text.swift", "RefusalText.swift")
        for line in words.flatMap(\.lines) {
            for command in line.matches(of: /“convonet-admin ([\w-]+)/).map(\.output.1) {
                #expect(["migrate", "doctor"].contains(command), "the console shows: \(line)")
            }
        }
    }

    /// `replacing` overlooks a quote with an accent behind it, and what is quoted so ends where somebody else likes.
    @Test func quotesAndBackslashesAreEscapedByCodePoints() throws {
        for file in try Self.sources("Sources", ".swift") {
            for line in file.lines {
                #expect(!line.contains(#/\.replacing\("(\\"|\\\\|'|%|<|&)"/#), "\(file.path): \(line)")
            }
        }
    }

    /// Where sshd forces the program, that place refuses them (`NamedFiles`). The demo's server has directories of its own.
    @Test func filesThatSomebodyNamesAreOpenedInOnePlace() throws {
        var opened = 0
        for file in try Self.sources("Sources", ".swift") where file.module != "Sources/EmbeddedPostgres" {
            for line in file.lines
            where line.contains(/\bopen(at)?\(.*\bO_[A-Z]|\b(fopen|creat|mkstemp)\(|\.write\(to:|contentsOf: *URL/) {
                opened += 1
                #expect(
                    file.module == "Sources/OperatingSystem" || line.contains(/\("\/(dev|proc\/self)\//)
                        // Columns of the list: in a place of our own choice.
                        || file.name == "ColumnFile.swift", "\(file.path): \(line)")
            }
        }
        #expect(opened > 5)
    }

    /// By the formatter's indentation: a function ends with the next brace below its first letter.
    @Test func noFunctionOfSwiftIsLongerThan60Lines() throws {
        let start = /^( *)(?:@\w+ )*(?:\w+(?:\(\w+\))? )*(?:func |init[?(<]|subscript)/
        var functions = 0
        for file in try Self.sources("Sources", ".swift") {
            for (first, line) in file.lines.enumerated() {
                // What ends where it begins, or is a protocol's, has no body of several lines.
                let rest = file.lines[first...]
                guard let indent = try start.prefixMatch(in: line)?.1,
                    let opening = rest.first(where: { $0.hasSuffix("{") || $0.hasSuffix("}") }), opening.hasSuffix("{"),
                    let last = rest.firstIndex(where: { $0.hasPrefix(indent + "}") })
                else { continue }
                functions += 1
                #expect(last - first + 1 <= 60, "\(file.path): line \(first + 1)")
            }
        }
        #expect(functions > 1000)
    }

    @Test func noFunctionOfTheSchemaIsLongerThan60Lines() throws {
        var functions = 0
        for file in try Self.sources("Sources/ConvonetSchema", ".sql") {
            for (first, line) in file.lines.enumerated() where line.hasPrefix("CREATE OR REPLACE FUNCTION") {
                let last = try #require(file.lines[first...].firstIndex { $0.hasPrefix("$$;") }, "\(file.path)")
                functions += 1
                #expect(last - first + 1 <= 60, "\(file.path): \(line)")
            }
        }
        #expect(functions > 100)
    }

    /// Those of a suite that does not say so stay until the run ends, 25 MB each.
    @Test func suitesDropTheDatabasesThatTheyMake() throws {
        let makes =
            /TestDatabase\.(make|quick|withLog)\(|: TestDatabase\b.*= (try )?await \.(make|quick|withLog)\(|RunningService\(/
        let files = try Self.sources("Tests", "Tests.swift").filter { $0.lines.contains { $0.contains(makes) } }
        #expect(files.count > 100)
        for file in files {
            for line in file.lines where line.contains("@Suite") {
                #expect(line.contains("@Suite(.dropsDatabases"), "\(file.path): \(line)")
            }
        }
    }

    @Test func theConsoleHasFewEffectsAndFewPartsOfItsModel() throws {
        let console = try Self.sources("Sources/AdminConsole", ".swift")
        let effect = try #require(
            try Self.sources("Sources/ConsoleParts", ".swift").first { $0.name == "Effect.swift" })
        #expect((1...10).contains(effect.lines.count { $0.hasPrefix("    case ") }))
        #expect((1...6).contains(console.count { $0.lines.contains { $0.hasPrefix("extension Console ") } }))
    }

    /// Words of code in the map are words of the source or names of its files, and what looks like a path leads somewhere.
    @Test func everyNameInTheArchitectureIsThere() throws {
        let map = String(
            decoding: try SourceTree.contents(of: SourceTree.root + "/docs/ARCHITECTURE.md"), as: UTF8.self)
        let files =
            try Self.sources("Sources", ".swift", ".sql", ".h", ".c", ".md", ".html", ".txt")
            + Self.sources("Tests", ".swift", ".sql")
        let scripts = try ["script", "packaging"].flatMap { directory in
            try FileManager.default.contentsOfDirectory(atPath: "\(SourceTree.root)/\(directory)").map {
                "\(directory)/\($0)"
            }
        }
        let paths =
            files.flatMap { ["/\($0.path.prefix { $0 != "." })/", "/\($0.path)/"] } + scripts.map { "/\($0)/" }
        var known = Set(scripts.flatMap { $0.split { !($0.isLetter || $0.isNumber) } })
        for file in files {
            for line in file.lines { known.formUnion(line.split { !($0.isLetter || $0.isNumber || $0 == "_") }) }
            known.formUnion(file.path.split { "/.+".contains($0) })
        }
        // What somebody is going to write: a screen of things, a version N.
        func isExample(_ span: Substring) -> Bool { span.contains("Thing") || span.contains(/version_N|vN_/) }
        for span in map.matches(of: /`([^`\n]+)`/).map(\.1) {
            for word in span.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") })
            where word.first?.isLetter == true && !isExample(span) {
                #expect(known.contains(word), "`\(span)`: there is no \(word)")
            }
            if span.contains("/"), !span.contains(" "), span.first?.isLetter == true, !isExample(span) {
                let path = span.replacing(/^Core\//, with: "ConvonetCore/").replacing(
                    /^SQL\//, with: "ConvonetSchema/SQL/")
                let trimmed = path.hasSuffix("/") ? path.dropLast() : path
                #expect(paths.contains { $0.contains("/\(trimmed)/") }, "there is no file `\(span)`")
            }
        }
    }
}
