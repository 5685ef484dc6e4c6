internal import CLibpq

/// What was found out on connecting.
public struct ConnectionDetails: Equatable, Sendable {
    /// Such as 150018 for 15.18.
    public var serverVersion: Int
    /// The database connected to.
    public var database: String
    /// The user that the server let in.
    public var user: String
    /// The host's name, or the directory of a socket.
    public var host: String
    /// Whether it is a standby, which takes no changes.
    public var isStandby: Bool
    /// Whether it is reached over a network.
    public var isRemote: Bool
    /// Whether TLS is in use.
    public var isEncrypted: Bool
    /// Whether the server's certificate was checked against a trusted one and its name.
    public var isServerVerified: Bool
    /// The process that serves us, as it was announced on connecting; a pooler announces another than the server's.
    public var backendPID: Int

    init(_ handle: ConnectionHandle, _ parameters: ConnectionParameters) {
        let connection = handle.connection
        isStandby = handle.isStandby
        serverVersion = Int(PQserverVersion(connection))
        database = PQdb(connection).map { String(cString: $0) } ?? ""
        user = PQuser(connection).map { String(cString: $0) } ?? ""
        host = PQhost(connection).map { String(cString: $0) } ?? ""
        isRemote = parameters.isRemote
        isEncrypted = PQsslInUse(connection) == 1
        isServerVerified = isEncrypted && parameters.sslMode == "verify-full"
        backendPID = Int(PQbackendPID(connection))
    }
}
