internal import OperatingSystem

/// The file that sshd writes where `ExposeAuthInfo` is on: a line for each method that somebody signed in by, with the key.
enum UserAuthFile {
    /// Many times what the longest certificate takes.
    private static let largest = 1 << 17

    /// What a file says; nil where there is nothing to be read.
    static func signIn(path: String) -> SSHSignIn? {
        guard let bytes = try? ReadableFile.contents(of: path, named: .settings, limit: largest) else { return nil }
        return signIn(text: String(decoding: bytes, as: UTF8.self))
    }

    /// The first key, else the methods' names.
    static func signIn(text: String) -> SSHSignIn? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }
        for line in lines where line.first == "publickey" && line.count >= 3 {
            if let signIn = SSHKey.signIn(type: String(line[1]), base64: String(line[2])) { return signIn }
        }
        let names = lines.compactMap(\.first).filter { $0.count <= 40 && $0.utf8.allSatisfy(isOfName) }.prefix(4)
        return names.isEmpty ? nil : .methods(names.map(String.init))
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-/".utf8.contains(byte)
        }
    }
}
