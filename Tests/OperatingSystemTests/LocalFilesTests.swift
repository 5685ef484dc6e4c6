import CGlibc
import Glibc
import Testing

@testable import OperatingSystem

/// A directory of a test's own, removed with its last reference.
private final class Place: Sendable {
    let path: String

    init() throws {
        var name = Array("/tmp/local-files-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in entries { unlink(path + "/" + name) }
        rmdir(path)
    }

    func write(_ text: String, _ name: String) throws {
        let file = try #require(fopen(path + "/" + name, "w"))
        fputs(text, file)
        fclose(file)
    }

    func text(_ name: String) throws -> String {
        String(decoding: try ReadableFile.contents(of: path + "/" + name, limit: 1 << 20), as: UTF8.self)
    }

    var entries: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

@Suite struct LocalFilesTests {
    private func problem(of path: String, limit: Int = 100) -> FileProblem? {
        do throws(FileProblem) {
            _ = try ReadableFile.contents(of: path, limit: limit)
            return nil
        } catch {
            return error
        }
    }

    /// Each of these would hold a reader up for ever, or never end.
    @Test func onlyARegularFileIsRead() throws {
        let place = try Place()
        try place.write("text", "file")
        #expect(try place.text("file") == "text")
        try #require(mkfifo(place.path + "/fifo", 0o600) == 0)
        #expect(problem(of: place.path + "/fifo") == .notAFile(.pipe))
        #expect(problem(of: "/dev/zero") == .notAFile(.device))
        #expect(problem(of: "/dev/ptmx") == .notAFile(.device))
        #expect(problem(of: place.path) == .notAFile(.directory))
        #expect(problem(of: place.path + "/nothing") == .system(ENOENT))
        #expect(problem(of: place.path + "/file/below") == .system(ENOTDIR))
        var ends: [Int32] = [0, 0]
        try #require(cg_pipe2(&ends, O_CLOEXEC) == 0)
        defer { for end in ends { close(end) } }
        let found = problem(of: "/dev/fd/\(ends[0])")
        #expect(found == .notAFile(.pipe))
        #expect(found?.description.contains("/dev/stdin") == true)
    }

    @Test func aFileHasALimit() throws {
        let place = try Place()
        try place.write(String(repeating: "x", count: 100), "file")
        #expect(problem(of: place.path + "/file", limit: 100) == nil)
        #expect(problem(of: place.path + "/file", limit: 99) == .tooLarge(limit: 99))
        #expect(FileProblem.tooLarge(limit: 1 << 20).description.contains("1 MiB"))
    }

    @Test func aLinkIsFollowedOnlyWhereItMayBe() throws {
        let place = try Place()
        try place.write("text", "file")
        try #require(symlink(place.path + "/file", place.path + "/link") == 0)
        #expect(problem(of: place.path + "/link") == nil)
        #expect(throws: FileProblem.system(ELOOP)) { _ = try ReadableFile(place.path + "/link", followingLink: false) }
    }

    @Test(arguments: NewFile.Naming.allCases)
    func aNewFileGetsItsNameWhenItIsWhole(way: NewFile.Naming) throws {
        let place = try Place()
        let file = try NewFile(place.path + "/log")
        #expect(place.entries == ["log.partial"])
        #expect(write(file.descriptor, "whole", 5) == 5)
        try file.publish(by: [way])
        #expect(place.entries == ["log"])
        #expect(try place.text("log") == "whole")
        var state = stat()
        #expect(stat(place.path + "/log", &state) == 0 && state.st_mode & 0o777 == 0o600)
    }

    @Test(arguments: NewFile.Naming.allCases)
    func anothersFileIsNeverOverwritten(way: NewFile.Naming) throws {
        let place = try Place()
        do {
            let file = try NewFile(place.path + "/log")
            try place.write("another's", "log")
            #expect(throws: FileProblem.isThere) { try file.publish(by: [way]) }
        }
        #expect(place.entries == ["log"])
        #expect(try place.text("log") == "another's")
        #expect(throws: FileProblem.isThere) { _ = try NewFile(place.path + "/log") }
    }

    @Test func aLinkInItsPlaceIsNotFollowed() throws {
        let place = try Place()
        try place.write("precious", "precious")
        for name in ["log", "log.partial"] {
            try #require(symlink(place.path + "/precious", place.path + "/" + name) == 0)
            #expect(throws: FileProblem.isThere) { _ = try NewFile(place.path + "/log") }
            unlink(place.path + "/" + name)
        }
        #expect(try place.text("precious") == "precious")
    }

    @Test func aFileThatWasExchangedGetsNoName() throws {
        let place = try Place()
        do {
            let file = try NewFile(place.path + "/log")
            unlink(place.path + "/log.partial")
            try place.write("false", "log.partial")
            #expect(throws: FileProblem.exchanged) { try file.publish() }
        }
        #expect(place.entries == ["log.partial"])
        #expect(try place.text("log.partial") == "false")
    }

    @Test func scratchNeedsNoDirectory() throws {
        let descriptor = try #require(ScratchFile.open(holding: Array("some text".utf8)))
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 20)
        #expect(read(descriptor, &bytes, 20) == 9)
        var state = stat()
        #expect(fstat(descriptor, &state) == 0 && state.st_nlink == 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func linesAreReadInBoundedMemory() throws {
        let long = String(repeating: "y", count: 3 * LineReader.longestLine)
        let descriptor = try #require(ScratchFile.open(holding: Array("one\n\n\(long)\ntwo\r\nlast".utf8)))
        defer { close(descriptor) }
        var reader = LineReader(descriptor)
        var lines: [String] = []
        while let line = try reader.line() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(lines == ["one", "", "", "two\r", "last"])
    }

    /// What a process says of itself is root's by its owner, and that process's by its contents.
    @Test func whatIsMadeUpAsItIsReadIsOpenToChanges() throws {
        for path in ["/proc/self/cmdline", "/proc/self/environ", "/sys/kernel/mm/transparent_hugepage/enabled"]
        where access(path, R_OK) == 0 {
            #expect(try ReadableFile(path).isOpenToChanges, "\(path)")
        }
        #expect(try !ReadableFile("/etc/passwd").isOpenToChanges)
    }
}
