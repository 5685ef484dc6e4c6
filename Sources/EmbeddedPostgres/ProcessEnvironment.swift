import Glibc

/// What is read from our environment, and the little that children get of it.
enum ProcessEnvironment {
    static func value(_ name: String) -> String? {
        guard let text = getenv(name) else { return nil }
        return String(cString: text)
    }

    /// A child's whole environment: no PG* variable of the caller's may change where it connects or how it behaves.
    static var forChildren: [String] {
        ["PATH=\(value("PATH") ?? "/usr/bin:/bin"):/usr/bin:/bin", "LC_ALL=C.UTF-8", "PGCLIENTENCODING=UTF8"]
    }
}
