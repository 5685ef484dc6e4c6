import Glibc
import OperatingSystem

/// The directory of a PostgreSQL installation's programs.
struct ServerBinaries: Equatable, Sendable {
    /// The oldest major version that this program's schema runs on.
    static let oldestVersion = 13

    var directory: String
    /// The major version.
    var version: Int

    func path(_ program: String) -> String { "\(directory)/\(program)" }

    /// The first suitable installation: the one CONVONET_PG_BINDIR names, or of the system's own directories, or the newest in Debian's place.
    ///
    /// `version` narrows the search to one major version, for data that exist already.
    static func find(version: Int? = nil, dataDirectory: String = "") throws(ClusterFailure) -> ServerBinaries {
        let candidates = candidateDirectories()
        var seen: Set<String> = []
        var found: [ServerBinaries] = []
        for candidate in candidates {
            guard let directory = installation(at: candidate), seen.insert(directory).inserted else { continue }
            guard let major = try majorVersion(of: "\(directory)/postgres") else { continue }
            let binaries = ServerBinaries(directory: directory, version: major)
            if major >= oldestVersion, version == nil || version == major { return binaries }
            found.append(binaries)
        }
        if let version, found.contains(where: { $0.version >= oldestVersion }) {
            throw .dataOfAnotherVersion(needed: version, directory: dataDirectory)
        }
        if let newest = found.max(by: { $0.version < $1.version }) {
            throw .serverTooOld(version: newest.version, directory: newest.directory)
        }
        throw .serverMissing(searched: candidates)
    }

    /// The major version in the answer to `postgres --version`, such as 15 of `postgres (PostgreSQL) 15.18 (Debian …)`.
    static func majorVersion(inAnswer answer: String) -> Int? {
        guard let word = answer.split(separator: " ").first(where: { $0.first?.isNumber == true }) else { return nil }
        return Int(word.prefix { $0.isASCII && $0.isNumber })
    }

    private static func candidateDirectories() -> [String] {
        if let chosen = ProcessEnvironment.value("CONVONET_PG_BINDIR"), !chosen.isEmpty { return [chosen] }
        let root = "/usr/lib/postgresql"
        let versions = FileSystem.entries(of: root).compactMap { Int($0) }.sorted(by: >)
        return ProcessEnvironment.programDirectories
            + (versions.isEmpty ? ["\(root)/*/bin"] : versions.map { "\(root)/\($0)/bin" })
    }

    /// The real directory of the programs at `candidate`, where the candidate may hold only links to some of them.
    private static func installation(at candidate: String) -> String? {
        guard let initdb = FileSystem.realPath("\(candidate)/initdb"), let slash = initdb.lastIndex(of: "/") else {
            return nil
        }
        let directory = String(initdb[..<slash])
        let complete = ["initdb", "postgres", "psql"].allSatisfy { access("\(directory)/\($0)", X_OK) == 0 }
        return complete ? directory : nil
    }

    private static func majorVersion(of program: String) throws(ClusterFailure) -> Int? {
        let answer = try ChildProcess.run([program, "--version"])
        return answer.succeeded ? majorVersion(inAnswer: answer.output) : nil
    }
}
