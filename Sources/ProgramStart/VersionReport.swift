internal import CBuildFacts
internal import ConvonetDatabase
internal import Glibc
internal import JSONText

/// A program's version with all that it is made of and runs on, as reports of bugs need it.
public struct VersionReport: Sendable {
    private let program: String
    private let version: String
    private let packages: [LinkedPackage]

    /// Of a program with the packages that matter in it.
    public init(program: String, version: String, packages: [LinkedPackage]) {
        (self.program, self.version, self.packages) = (program, version, packages)
    }

    /// The report that these arguments ask for, and nothing else with it; nil if they do not.
    public func answer(to arguments: [String]) -> String? {
        guard arguments.contains("--version"), arguments.contains("--verbose"),
            arguments.allSatisfy(["--version", "--verbose", "--json"].contains)
        else { return nil }
        return arguments.contains("--json") ? json : text
    }

    /// One line for each, in columns.
    private var text: String {
        let facts: [(name: String, value: String)] =
            [
                (program, version),
                ("commit", Self.commit ?? "not known: not built by script/release-build from a repository"),
                ("Swift", Self.swift),
                (
                    "schema",
                    "\(SchemaVersion.current), which serves programs that need \(SchemaVersion.servesFrom) or newer"
                ),
                ("system", Self.system),
            ] + packages.map { ($0.name, "\($0.version), linked in") }
            + LoadedLibrary.all().map { ($0.name, [$0.version, $0.path].compactMap { $0 }.joined(separator: ", ")) }
        let width = (facts.map(\.name.count).max() ?? 0) + 2
        return facts.map { name, value in
            name + String(repeating: " ", count: width - name.count) + value
        }.joined(separator: "\n")
    }

    private var json: String {
        var object = JSONObject()
        object.add("format", 1)
        object.add("program", program)
        object.add("version", version)
        object.add("commit", Self.commit)
        object.add("swift", Self.swift)
        object.add("schema", SchemaVersion.current)
        object.add("serves_from", SchemaVersion.servesFrom)
        object.add("system", Self.system)
        var linked = JSONObject()
        for package in packages { linked.add(package.name, package.version) }
        object.add("packages", linked)
        var loaded = JSONObject()
        for library in LoadedLibrary.all() {
            var found = JSONObject()
            found.add("version", library.version)
            found.add("path", library.path)
            loaded.add(library.name, found)
        }
        object.add("libraries", loaded)
        return object.text
    }

    private static var commit: String? { cbf_commit().map { String(cString: $0) } }

    /// The compiler's version; what it is at least, where the build did not say.
    private static var swift: String { cbf_swift().map { String(cString: $0) } ?? "6.2 or newer" }

    private static var system: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return [text(name.sysname), text(name.release), text(name.machine)].joined(separator: " ")
    }
}

/// A package whose code is inside the program, by the version that Package.swift asks for.
public struct LinkedPackage: Sendable {
    /// Its name.
    public let name: String
    /// Its version.
    public let version: String

    /// All that encrypts, hashes, signs, or reads what strangers send.
    public static let all: [LinkedPackage] = cryptography + network

    /// What both programs have.
    public static let cryptography = [LinkedPackage(name: "swift-crypto", version: "4.5.2")]
    /// What the one that serves has besides.
    public static let network = [
        LinkedPackage(name: "swift-nio", version: "2.101.2"), LinkedPackage(name: "swift-nio-ssl", version: "2.37.6"),
        LinkedPackage(name: "hummingbird", version: "2.28.1"), LinkedPackage(name: "jwt-kit", version: "5.7.1"),
    ]
}
