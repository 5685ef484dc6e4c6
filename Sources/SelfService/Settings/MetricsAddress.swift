internal import ConvonetDatabase
internal import ProgramStart

/// Where metrics are served, apart from what people ask for.
struct MetricsAddress: Equatable, Sendable {
    /// The address to listen on.
    var listen: String
    /// The port; 0: one that is free.
    var port: Int
    /// Whether others on the network can read along.
    var isInTheClear: Bool

    private static let table = "self_service"
    private static let ownMachine = ranges("127.0.0.0/8", "::1")
    /// Nobody comes there from the internet: RFC 1918, 6598, 3927, 4193 and 4291.
    private static let privateNetworks = ranges(
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10")

    private static func ranges(_ texts: String...) -> [AddressRange] { texts.compactMap(AddressRange.init(parsing:)) }

    /// Reads it from a file, nil where nothing is served; `settings` are what the file says of the other listener.
    init?(_ file: SettingsDocument, beside settings: ServiceSettings) throws(SettingsError) {
        let named = try file.text("metrics_listen", in: Self.table)
        guard let port = try file.integer("metrics_port", in: Self.table, 0...65535, "a port number") else {
            if named != nil { throw file.wrong("metrics_listen", in: Self.table, "also needs metrics_port") }
            return nil
        }
        listen = named ?? "127.0.0.1"
        self.port = port
        guard let address = IPAddress(listen) else {
            throw file.wrong(
                "metrics_listen", in: Self.table, "must be an IP address, such as \"127.0.0.1\" or \"::1\"")
        }
        if port != 0, port == settings.port, let other = IPAddress(settings.listen), Self.overlap(address, other) {
            throw file.wrong(
                "metrics_port", in: Self.table,
                "is the port of the pages, at the same address: metrics need one of their own")
        }
        let isOwn = Self.ownMachine.contains { $0.contains(address) }
        isInTheClear = !isOwn && settings.tls == nil
        if isInTheClear, !Self.privateNetworks.contains(where: { $0.contains(address) }) {
            throw file.wrong(
                "metrics_listen", in: Self.table,
                "must be an address of this machine alone or of a private network, unless tls_certificate is set")
        }
    }

    /// Whether both cannot have the same port; `0.0.0.0` and `::` are all addresses.
    private static func overlap(_ left: IPAddress, _ right: IPAddress) -> Bool {
        left == right || [left, right].contains { $0.bytes.allSatisfy { $0 == 0 } }
    }
}
