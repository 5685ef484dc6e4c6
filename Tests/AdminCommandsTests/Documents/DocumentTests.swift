import AccountPolicy
import ConvonetCore
import FoundationEssentials
import ProgramStart
import TestDatabase
import Testing

/// What the documents list is what the program has, and what they point to is there.
@Suite(.dropsDatabases) struct DocumentTests {
    private static let documents: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: SourceTree.root + "/docs")) ?? []
        return ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
    }()

    private func text(_ path: String) throws -> String {
        String(decoding: try SourceTree.contents(of: SourceTree.root + "/" + path), as: UTF8.self)
    }

    /// The rows of all tables of a document, each as its cells.
    private func rows(_ text: String) -> [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingPrefix(while: \.isWhitespace) }.map {
                    String($0.reversed().drop { $0 == " " }.reversed())
                }
        }
    }

    /// Every word that stands between backquotes.
    private func codeWords(_ text: String) -> Set<String> {
        Set(
            text.matches(of: /`([^`\n]+)`/).flatMap { match in
                match.1.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
            })
    }

    /// The part of a link that leads to a heading, as web pages make it.
    private func anchor(_ heading: Substring) -> String {
        heading.drop { $0 == "#" }.trimmingPrefix(" ").lowercased()
            .filter { $0.isLetter || $0.isNumber || "_- ".contains($0) }.replacing(" ", with: "-")
    }

    @Test(arguments: documents) func everyLinkLeadsSomewhere(document: String) throws {
        let directory = document.contains("/") ? "/docs/" : "/"
        for link in try text(document).matches(of: /\]\(([^)#\s]*)(?:#([^)\s]+))?\)/) {
            guard !link.1.hasPrefix("http") else { continue }
            let path = link.1.isEmpty ? SourceTree.root + "/" + document : SourceTree.root + directory + link.1
            guard FileManager.default.fileExists(atPath: path) else {
                Issue.record("\(document): there is no \(link.1)")
                continue
            }
            guard let wanted = link.2 else { continue }
            let headings = String(decoding: try SourceTree.contents(of: path), as: UTF8.self)
                .split(separator: "\n").filter { $0.hasPrefix("#") }.map(anchor)
            #expect(headings.contains(String(wanted)), "\(document): \(link.1) has no #\(wanted)")
        }
    }

    @Test func everySettingOfThePolicyIsThereWithDefaultAndRange() async throws {
        let installed = try await TestDatabase.make().session().policy
        let table = rows(try text("docs/POLICY.md")).filter { $0.count == 4 }
        for setting in PolicySetting.all {
            let found = table.filter { $0[0].contains("`\(setting.name)`") }
            let row = try #require(found.count == 1 ? found[0] : nil, "\(setting.name) is there \(found.count) times")
            let names = row[0].split(separator: ", "), defaults = row[1].split(separator: ", ")
            let place = defaults.count == names.count ? names.firstIndex(of: "`\(setting.name)`") ?? 0 : 0
            let standard = setting.value(installed)
            #expect(defaults[place] == (standard.isEmpty ? "none" : standard), "\(setting.name)")
            let values =
                switch setting.kind {
                case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
                case .flag: ""
                case .text: "text"
                case .list: "list"
                }
            #expect(row[2] == values, "\(setting.name)")
        }
    }

    @Test func theExitCodesAreThoseThatThereAre() throws {
        let commands = try text("docs/COMMANDS.md")
        let section = commands[try #require(commands.firstRange(of: "## Exit codes")).lowerBound...]
        let listed = Set(section.split { !$0.isNumber }.compactMap { Int32($0) })
        #expect(listed == Set((0...255).filter { ExitStatus(rawValue: $0) != nil }))
    }

    @Test func everyFieldOfTheJSONIsThere() throws {
        let known = codeWords(try text("docs/COMMANDS.md"))
        let directory = SourceTree.root + "/Sources/AdminCommands"
        var fields = 0
        for file in try FileManager.default.subpathsOfDirectory(atPath: directory) where file.hasSuffix(".swift") {
            // Its fields are the framework's.
            if file.hasSuffix("OCSFEvent.swift") { continue }
            let source = String(decoding: try SourceTree.contents(of: directory + "/" + file), as: UTF8.self)
            for field in source.matches(of: /\.add\("([a-z_]+)"/) {
                fields += 1
                #expect(known.contains(String(field.1)), "\(field.1) of \(file)")
            }
        }
        #expect(fields > 50)
    }

    @Test func everyActionOfTheLogIsExplained() throws {
        let known = codeWords(try text("docs/AUDIT.md"))
        for (action, _) in ActionName.known { #expect(known.contains(action)) }
    }
}
