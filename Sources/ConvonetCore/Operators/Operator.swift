import Glibc

/// Who sits at the keyboard, as far as this machine can say.
///
/// Only the kernel's user id is more than a claim here; the server writes down its own `session_user` beside it.
public struct Operator: Equatable, Sendable {
    /// The name of the system user.
    public var name: String
    /// getuid(2).
    public var uid: Int
    /// The user who logged in, before any sudo, where pam_loginuid set it; see proc(5).
    public var loginUID: Int?
    /// This machine's name.
    public var host: String
    /// The terminal's device, where there is one.
    public var tty: String?
    /// The other end of the SSH connection, and by what somebody signed in on it.
    public var sshOrigin: String?

    /// An operator with all that is known.
    public init(name: String, uid: Int, loginUID: Int?, host: String, tty: String?, sshOrigin: String?) {
        self.name = name
        self.uid = uid
        self.loginUID = loginUID
        self.host = host
        self.tty = tty
        self.sshOrigin = sshOrigin
    }

    /// The operator of this process.
    public static func current(sshOrigin: String?) -> Operator {
        let uid = Int(getuid())
        return Operator(
            name: systemUserName(getuid()) ?? "uid \(uid)", uid: uid, loginUID: loginUID(), host: hostName(),
            tty: [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO].lazy.compactMap(terminalName).first,
            sshOrigin: sshOrigin)
    }

    private static func systemUserName(_ uid: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        return String(cString: name)
    }

    private static func loginUID() -> Int? {
        guard let file = fopen("/proc/self/loginuid", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = fread(&buffer, 1, buffer.count, file)
        let text = String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        // 4294967295 means that nobody set it.
        return Int(text).flatMap { $0 == 4_294_967_295 ? nil : $0 }
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return text(buffer)
    }

    private static func terminalName(_ descriptor: Int32) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard ttyname_r(descriptor, &buffer, buffer.count) == 0 else { return nil }
        return text(buffer)
    }

    private static func text(_ buffer: [CChar]) -> String {
        String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
