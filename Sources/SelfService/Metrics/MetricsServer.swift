internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import ServiceLifecycle

/// Serves metrics on a listener of its own, until the program is to stop.
struct MetricsServer: Service {
    let address: MetricsAddress
    let responder: MetricsResponder
    let server: HTTPServerBuilder
    let maximumConnections: Int
    /// For where it listens, and for what the server itself says.
    let (logger, serverLogger): (Logger, Logger)

    func run() async throws {
        if address.isInTheClear {
            logger.warning(
                "metrics",
                metadata: ["reason": "they are served unencrypted on a network: whoever is on the way can read them"])
        }
        let application = Application(
            responder: responder, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(address.listen, port: address.port),
                availableConnectionsDelegate: .maximum(maximumConnections, logger: logger)),
            onServerRunning: { [logger] channel in
                logger.info(
                    "listening for metrics",
                    metadata: [
                        "address": "\(channel.localAddress?.ipAddress ?? "")",
                        "port": "\(channel.localAddress?.port ?? 0)",
                    ])
            }, logger: serverLogger)
        try await ListenFailure.translating(address.listen, address.port) { try await application.run() }
    }
}
