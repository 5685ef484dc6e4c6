import Glibc

/// The application's tables and made-up people, from the same files that the demo uses.
public enum ApplicationSchema {
    /// The statements that make the tables.
    public static func tables() throws -> String { try file("convonet_schema.sql") }

    /// The statements that make so many people.
    public static func people(_ count: Int) throws -> String {
        try file("demo_people.sql").replacing("{{count}}", with: String(count))
    }

    private static func file(_ name: String) throws -> String {
        let path = SourceTree.root + "/Sources/AdminCommands/Demo/" + name
        return String(decoding: try SourceTree.contents(of: path), as: UTF8.self)
    }
}

/// The project's own directory.
public enum SourceTree {
    /// Its path, without a slash at the end.
    public static let root: String = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// A file could not be read.
    public struct Unreadable: Error {
        /// Its path.
        public let path: String
    }

    /// The bytes of a file.
    public static func contents(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}
