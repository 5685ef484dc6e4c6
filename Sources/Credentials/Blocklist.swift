/// A list of whole passwords that are refused; ASCII letters match in either case, all else by its bytes.
///
/// It is searched where it lies, from start to end, so that nothing is built at start-up.
public struct Blocklist: Sendable {
    private enum Storage: Sendable {
        case embedded
        case lines([UInt8])
    }

    private let storage: Storage

    /// The 10,000 commonest passwords, of whatever length; carried in the program.
    public static let commonest = Blocklist(storage: .embedded)

    private init(storage: Storage) {
        self.storage = storage
    }

    /// An organisation's own list: UTF-8, a password a line, with LF or CRLF; lines that begin with `#` are comments.
    ///
    /// White space counts, since it does in passwords; an empty line is skipped.
    /// - Throws: `blocklist_not_utf8`, naming the first bad line from 1.
    public init(fileContents: [UInt8]) throws(CredentialFailure) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var folded: [UInt8] = []
        folded.reserveCapacity(fileContents.count + 1)
        let text = fileContents.starts(with: mark) ? fileContents.dropFirst(mark.count) : fileContents[...]
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let entry = line.last == 0x0D ? line.dropLast() : line
            guard String(validating: entry, as: UTF8.self) != nil else {
                throw CredentialFailure(
                    rule: "blocklist_not_utf8",
                    message: "Line \(index + 1) of the blocked passwords is not UTF-8. Save the file as UTF-8.")
            }
            if entry.isEmpty || entry.first == 0x23 { continue }
            folded.append(contentsOf: entry.map(Self.lowercased))
            folded.append(0x0A)
        }
        storage = .lines(folded)
    }

    /// Whether the whole password is on the list; no copy of the password is made.
    public func contains(_ secret: Secret) -> Bool {
        secret.withBytes { password in
            switch storage {
            case .embedded:
                FrontCodedWords(PackageResources.commonest_passwords_txt).contains { word in
                    word.count == password.count
                        && password.indices.allSatisfy { Self.lowercased(password[$0]) == word[$0] }
                }
            case .lines(let lines): Self.isLine(password, of: lines)
            }
        }
    }

    private static func isLine(_ password: Span<UInt8>, of lines: [UInt8]) -> Bool {
        lines.withUnsafeBufferPointer { lines in
            var matched = 0
            for byte in lines {
                if byte == 0x0A {
                    if matched == password.count { return true }
                    matched = 0
                } else if matched >= 0 {
                    let agrees = matched < password.count && lowercased(password[matched]) == byte
                    matched = agrees ? matched + 1 : -1
                }
            }
            return false
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
