internal import CGlibc
internal import ConvonetCore
import ConvonetDatabase
internal import Credentials
internal import Glibc
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import PostgresClient
internal import ProgramStart
import SelfServiceCore
internal import ServiceLifecycle

/// The address to listen on could not be had.
struct ListenFailure: Error, CustomStringConvertible {
    let place: String
    let reason: Int32

    var description: String {
        "Cannot listen on \(place): \(String(cString: strerror(reason))). Set another port or address under [self_service]."
    }

    /// Runs a server, and says where it could not listen.
    static func translating(_ address: String, _ port: Int, _ serve: () async throws -> Void) async throws {
        do {
            try await serve()
        } catch let error as IOError {
            throw ListenFailure(place: "\(address) port \(port)", reason: error.errnoCode)
        }
    }
}

/// Puts the parts together and runs them until SIGTERM or SIGINT.
struct SelfServiceServer {
    let settings: ServiceSettings
    let environment: [String: String]
    let logger: Logger

    /// How long a connection may be silent while a request is awaited or read.
    private static let idleTime = TimeAmount.seconds(15)

    /// The database behind the pages, on so many connections at most unless told.
    func database(connections: Int? = nil) throws -> SelfServiceDatabase {
        SelfServiceDatabase(
            try settings.pool(environment: environment, maximum: connections), application: Program.identity,
            host: hostName(),
            breached: BreachedPasswords(path: settings.breachedPasswords))
    }

    /// Serves until it is told to stop, and then answers what it was asked before.
    func run() async throws {
        let database = try database()
        let templates = try MailTemplates(
            directory: settings.mailTemplates, serviceName: settings.serviceName, publicURL: settings.publicURL)
        guard let from = MailAddress(from: settings.mailFrom) else { return }
        try await check(database)
        let remarks = OccasionalRemarks(every: .seconds(3600))
        var tokens: AccessTokens?
        if let key = settings.tokenKey {
            tokens = await AccessTokens(key: key)
            if key.utf8.count < 32 {
                logger.warning("JWT_SECRET_KEY is shorter than 32 bytes: anyone who guesses it can sign in as anyone")
            }
        } else {
            logger.warning("JWT_SECRET_KEY is not set: people cannot change their password with the old one")
        }
        let metrics = ServiceMetrics()
        let hashing = HashingQueue(threads: settings.hashingThreads, capacity: settings.hashingQueue)
        let responder = SelfServiceResponder(
            database: database, rules: PasswordRules(database), hashing: hashing, tokens: tokens,
            page: ResetPage(prefix: settings.prefix, serviceName: settings.serviceName), settings: settings,
            crossOrigin: CrossOrigin(settings.allowedOrigins),
            readiness: Readiness(database, programs: settings.programs, logger),
            underWay: AddressBound(limit: settings.connectionsPerAddress), remarks: remarks, metrics: metrics,
            logger: logger)
        let worker = MailWorker(
            database: database, templates: templates, command: settings.sendmail, textCommand: settings.sendCode,
            from: from, metrics: metrics, logger: logger)
        // Of the server's own talk only what is wrong; requests are logged by the responder.
        var serverLogger = logger
        serverLogger.logLevel = .notice
        let application = Application(
            responder: responder, server: try builder(remarks),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.listen, port: settings.port),
                availableConnectionsDelegate: .maximum(settings.maximumConnections, logger: logger)),
            services: try metricsServers(metrics, hashing, remarks, serverLogger) + [
                worker, TidyWorker(database: database, logger: logger),
            ],
            onServerRunning: { [logger] channel in
                logger.info(
                    "listening",
                    metadata: [
                        "address": "\(channel.localAddress?.ipAddress ?? "")",
                        "port": "\(channel.localAddress?.port ?? 0)",
                    ])
            }, logger: serverLogger)
        try await ListenFailure.translating(settings.listen, settings.port) { try await application.runService() }
        logger.info("stopped")
    }

    /// What serves metrics, where somebody wants them.
    private func metricsServers(
        _ metrics: ServiceMetrics, _ hashing: HashingQueue, _ remarks: OccasionalRemarks, _ serverLogger: Logger
    ) throws -> [any Service] {
        guard let address = settings.metrics else { return [] }
        let mailQueue = MailQueueReading(try database(connections: 1), remarks, logger)
        let responder = MetricsResponder(
            metrics: metrics, hashing: hashing, mailQueue: mailQueue, isSecure: settings.tls != nil, logger: logger)
        return [
            MetricsServer(
                address: address, responder: responder, server: try builder(remarks),
                maximumConnections: settings.maximumConnections, logger: logger, serverLogger: serverLogger)
        ]
    }

    /// Whether it could serve: settings, templates, certificate and database.
    func check() async throws {
        _ = try MailTemplates(
            directory: settings.mailTemplates, serviceName: settings.serviceName, publicURL: settings.publicURL)
        _ = try builder(OccasionalRemarks(every: .zero))
        try await Readiness.examine(try database(), programs: settings.programs)
    }

    /// Looks whether the database is as it must be. One that is not there yet is no reason not to begin.
    private func check(_ database: SelfServiceDatabase) async throws {
        do {
            try await Readiness.examine(database, programs: settings.programs)
        } catch let error as Unready {
            logger.error("not ready", metadata: ["reason": "\(error)"])
        } catch let error as AdminError {
            guard [.unavailable, .unknown].contains(ExitStatus(known: error)) else { throw error }
            logger.error("database", metadata: ["reason": "\(error)"])
        }
    }

    private func builder(_ remarks: OccasionalRemarks) throws -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: Self.idleTime,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 100))
        let bound = AddressBound(limit: settings.connectionsPerAddress)
        let trusted = settings.trustedProxies
        guard let tls = try tlsConfiguration() else {
            return HTTPServerBuilder { responder in
                let plain = HTTP1Channel(responder: responder, configuration: configuration)
                return BoundedChannel(base: plain, bound: bound, trusted: trusted, remarks: remarks)
            }
        }
        return HTTPServerBuilder { responder in
            let plain = HTTP1Channel(responder: responder, configuration: configuration)
            let channel = try TLSChannel(plain, tlsConfiguration: tls)
            return BoundedChannel(base: channel, bound: bound, trusted: trusted, remarks: remarks)
        }
    }

    private func tlsConfiguration() throws -> TLSConfiguration? {
        guard let tls = settings.tls else { return nil }
        let certificate = try SettingsDocument.bytes(of: tls.certificate)
        let key = try SettingsDocument.bytes(of: tls.key)
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            // Made once to see whether key and certificate are of one pair.
            _ = try NIOSSLContext(configuration: configuration)
            return configuration
        } catch {
            throw SettingsError.fileUnusable(
                path: "\(tls.certificate) and \(tls.key)",
                reason: "not a PEM certificate and key that belong together")
        }
    }

    private func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
