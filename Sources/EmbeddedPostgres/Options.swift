extension PrivateCluster {
    /// How a private cluster is to be made.
    public struct Options: Sendable, Equatable {
        /// The directory in which the data outlive the cluster; nil for data that end with it.
        ///
        /// It is made where it does not exist. An existing one must be empty, or hold what an earlier cluster kept there.
        public var keep: String?

        /// Server settings beside and above the built-in ones, such as `["log_statement": "all"]`; they hold for this start only.
        public var settings: [String: String]

        /// Text files for the data directory, by name, such as `server.key` or `pg_hba.conf`.
        ///
        /// They are written at every start, belong to the server's user and are closed to everybody else, as PostgreSQL
        /// demands of a TLS key.
        public var files: [String: String]

        /// The name of the first role, a superuser; default `postgres`.
        ///
        /// A kept directory remembers the one that it was made with, so give the same again.
        public var superuser: String

        /// The TCP port on 127.0.0.1 to listen on as well; 0 picks a free one, nil (the default) means no TCP at all.
        ///
        /// Only tests of TLS and of poolers need it. Connections over TCP must give a password (SCRAM).
        public var listenOnLoopback: Int?

        /// Options for a cluster that is removed when it ends; each can be changed.
        public init(
            keep: String? = nil, settings: [String: String] = [:], files: [String: String] = [:],
            superuser: String = "postgres", listenOnLoopback: Int? = nil
        ) {
            self.keep = keep
            self.settings = settings
            self.files = files
            self.superuser = superuser
            self.listenOnLoopback = listenOnLoopback
        }
    }
}

extension PrivateCluster.Options {
    func validate() throws(ClusterFailure) {
        for name in settings.keys {
            let plain = name.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
            guard plain, !name.isEmpty else { throw .badOption("\"\(name)\" is not the name of a server setting.") }
        }
        for name in files.keys where name.isEmpty || name.hasPrefix(".") || name.utf8.contains(UInt8(ascii: "/")) {
            throw .badOption("\"\(name)\" is not the plain name of a file in the data directory.")
        }
        guard !superuser.isEmpty, !superuser.hasPrefix("pg_") else {
            throw .badOption("\"\(superuser)\" cannot be the name of the first role: it is empty or begins with pg_.")
        }
        for text in Array(settings.values) + [superuser, keep ?? ""]
        where text.utf8.contains(where: { $0 == 0 || $0 == 10 }) {
            throw .badOption("A setting, the first role's name or the directory holds a NUL or a line end.")
        }
        if let keep, keep.isEmpty { throw .badOption("The directory to keep the data in has an empty name.") }
        if let port = listenOnLoopback, !(0...65535).contains(port) {
            throw .badOption("\(port) is not a TCP port: use 1 to 65535, or 0 for a free one.")
        }
    }

    /// What the server is started with: quick rather than safe against a power cut, and silent to the network.
    func serverSettings(socketDirectory: String, port: Int) -> [(name: String, value: String)] {
        var all = [
            "unix_socket_directories": socketDirectory,
            "listen_addresses": listenOnLoopback == nil ? "" : "127.0.0.1",
            "port": String(port),
            "password_encryption": "scram-sha-256",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "cluster_name": "convonet-private",
        ]
        all.merge(settings) { _, chosen in chosen }
        return all.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}
