package import Credentials
internal import Glibc
internal import OperatingSystem

/// A list of leaked passwords in a directory of its own, which goes with it.
package final class BreachedFile: Sendable {
    package struct ScriptFailure: Error {
        package let output: String
    }

    private let directory: String
    /// The list as text.
    package let path: String

    /// The text of a list of these passwords, in order.
    package static func lines(_ passwords: [Secret], end: String = "\n") -> String {
        passwords.map { BreachedHash(of: $0).bytes.hexadecimal.uppercased() + ":3" + end }.sorted().joined()
    }

    /// A file with this text.
    package init(_ text: String) throws {
        var template = Array("/tmp/breached-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileProblem.system(errno) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = directory + "/list"
        try replace(text)
    }

    deinit {
        for name in ["list", "filter"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    /// Another list takes its place, as a download does.
    package func replace(_ text: String) throws {
        guard let file = fopen(path + ".new", "w") else { throw FileProblem.system(errno) }
        fputs(text, file)
        fclose(file)
        guard rename(path + ".new", path) == 0 else { throw FileProblem.system(errno) }
    }

    /// The list, opened; it outlives its file.
    package func list() throws -> BreachedList { try BreachedList(opening: path) }

    /// The filter that the script makes of it.
    package func filter() throws -> String {
        let script = SourceTree.root + "/script/make-breach-filter"
        let run = ToolRun(["/usr/bin/python3", script, path, directory + "/filter"], input: [])
        guard let run, run.status == 0 else { throw ScriptFailure(output: run?.output ?? "") }
        return directory + "/filter"
    }
}
