import ProgramStart

/// The program's own name and version.
enum Program {
    static let name = "convonet-admin"
    static let version = "0.1.0"
    /// What the database is told.
    static let identity = "\(name) \(version)"
    /// For reports of bugs.
    static let report = VersionReport(program: name, version: version, packages: LinkedPackage.cryptography)
}
