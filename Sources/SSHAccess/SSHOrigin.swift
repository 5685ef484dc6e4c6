public import ConvonetCore

/// Where an SSH connection comes from and by what somebody signed in on it, as sshd says: the log's claim `ssh_origin`.
///
/// It is one text for people and for programs: address, port, and then words such as `key=SHA256:…`.
public struct SSHOrigin: Equatable, Sendable {
    /// Address and port of the other end.
    public var place: String
    /// By what somebody signed in, where sshd says so.
    public var signIn: SSHSignIn?

    /// What the log keeps of it, in characters.
    static let limit = 255

    /// What sshd says in the variables SSH_CONNECTION and SSH_USER_AUTH; nil without a connection.
    public init?(environment: [String: String]) {
        guard let connection = environment["SSH_CONNECTION"] else { return nil }
        place = connection.split(separator: " ").prefix(2).map { String($0.prefix(64)) }.joined(separator: " ")
        guard !place.isEmpty else { return nil }
        signIn = environment["SSH_USER_AUTH"].flatMap(UserAuthFile.signIn(path:))
    }

    /// Reads what ``claim`` says.
    public init(claim: String) {
        let words = claim.split(separator: " ").map(String.init)
        let first = words.firstIndex { SSHSignIn.begins($0) } ?? words.endIndex
        place = words[..<first].joined(separator: " ")
        signIn = SSHSignIn(words: words[first...])
    }

    /// What the log is told. The id of a certificate stands last, since it alone can be long.
    public var claim: String {
        let text = ([place] + (signIn?.words ?? [])).joined(separator: " ")
        return text.count <= Self.limit ? text : text.prefix(Self.limit - 1) + "…"
    }
}

/// By what somebody signed in on SSH.
public enum SSHSignIn: Equatable, Sendable {
    /// A public key, by its fingerprint as ssh-keygen -l shows it.
    case key(fingerprint: String)
    /// A certificate.
    case certificate(SSHCertificate)
    /// No key, but these methods of sshd's, such as `password`.
    case methods([String])

    /// As words of the claim, `name=value`.
    var words: [String] {
        switch self {
        case .key(let fingerprint): ["key=\(fingerprint)"]
        case .certificate(let shown):
            [
                "certificate=\(shown.fingerprint)", "ca=\(shown.authority)", "serial=\(shown.serial)", "id=\(shown.id)",
            ]
        case .methods(let names): ["auth=" + names.joined(separator: ",")]
        }
    }

    static func begins(_ word: String) -> Bool {
        ["key=", "certificate=", "auth="].contains { word.hasPrefix($0) }
    }

    init?(words: ArraySlice<String>) {
        func value(_ name: String) -> String? {
            words.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        if let fingerprint = value("key") {
            self = .key(fingerprint: fingerprint)
        } else if let fingerprint = value("certificate") {
            self = .certificate(
                SSHCertificate(
                    fingerprint: fingerprint, authority: value("ca") ?? "?", serial: value("serial") ?? "?",
                    id: value("id") ?? "?"))
        } else if let names = value("auth") {
            self = .methods(names.split(separator: ",").map(String.init))
        } else {
            return nil
        }
    }

    /// For people, as label and text.
    public var fields: [(label: String, text: String)] {
        switch self {
        case .key(let fingerprint): [("SSH key", fingerprint)]
        case .certificate(let shown):
            [
                ("SSH key", shown.fingerprint), ("Certificate", "\(shown.id), serial \(shown.serial)"),
                ("Its CA", shown.authority),
            ]
        case .methods(let names): [("SSH by", names.joined(separator: ", "))]
        }
    }
}

/// What names a certificate.
public struct SSHCertificate: Equatable, Sendable {
    /// Fingerprint of the key that is certified, as ssh-keygen -l shows it.
    public var fingerprint: String
    /// Fingerprint of the authority's key.
    public var authority: String
    /// Its serial number, in decimal.
    public var serial: String
    /// Its id, with all but ASCII letters, digits and `._@:/-` as `%` and two digits, as in the system's log.
    public var id: String
}

extension Operator {
    /// The operator of this process, with what sshd says of the connection.
    public static func current(environment: [String: String]) -> Operator {
        current(sshOrigin: SSHOrigin(environment: environment)?.claim)
    }
}
