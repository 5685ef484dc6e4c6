import Glibc
import Synchronization

/// A PostgreSQL server of our own, on a Unix socket that nobody else can reach, for the demo and the tests.
///
/// It is ready in about a second and ends with its owner: by `stop()`, when the last reference goes, or when the process
/// ends in whatever way, kill -9 included. Text is UTF-8 in the locale C.UTF-8, which folds the case of letters beyond
/// ASCII. Nothing is synced to disk: data that are kept survive the end of the program, but not a power cut.
///
/// Everybody who reaches the socket is let in under the name that they give (`trust`): tests act as many roles, and a
/// check of the system user (`peer`) would shut out root, as whom the server cannot run. What protects the cluster is the
/// directory of the socket, which only its owner can enter (0700), and that there is no TCP. As an ordinary user the
/// owner is that user. As root it is the unprivileged user that the server runs as (`postgres`, else `nobody`): root gets
/// in everywhere, and other processes of that user could get in too, which is why real data have no place here.
public final class PrivateCluster: Sendable {
    /// The directory of the socket, absolute and short.
    public let socketDirectory: String

    /// The port: part of the socket's name, and with `Options.listenOnLoopback` the TCP port on 127.0.0.1.
    public let port: Int

    /// The server's log file, which goes away with a cluster that is not kept.
    public let logPath: String

    /// The data directory.
    public let dataDirectory: String

    /// The name of the first role, a superuser.
    public let superuser: String

    /// The major version of the server.
    public let serverVersion: Int

    /// The system user that the server runs as where that is not the caller; nil otherwise.
    public let serverUser: String?

    let binaries: ServerBinaries
    private let guardian: Mutex<Guardian?>

    private init(
        _ options: Options, directory: ClusterDirectory, binaries: ServerBinaries, user: ServerUser, port: Int,
        guardian: Guardian
    ) {
        self.socketDirectory = directory.scratch
        self.port = port
        self.logPath = directory.log
        self.dataDirectory = directory.data
        self.superuser = options.superuser
        self.serverVersion = binaries.version
        self.serverUser = user.isAnother ? user.name : nil
        self.binaries = binaries
        self.guardian = Mutex(guardian)
    }

    deinit { stop() }

    /// Makes the cluster, or opens the kept one, and returns when it accepts connections; blocks for about a second.
    public static func start(_ options: Options = Options()) throws(ClusterFailure) -> PrivateCluster {
        let keptVersion = options.keep.flatMap(ClusterDirectory.keptVersion)
        return try start(
            options, binaries: ServerBinaries.find(version: keptVersion, dataDirectory: options.keep ?? ""))
    }

    /// The same with programs that were chosen already.
    static func start(_ options: Options, binaries: ServerBinaries) throws(ClusterFailure) -> PrivateCluster {
        try options.validate()
        let user = try ServerUser.current()
        // Another process may take a free port between its choice and the server's start, so that is tried again.
        var attempts = options.listenOnLoopback == 0 ? 3 : 1
        while true {
            attempts -= 1
            do throws(ClusterFailure) {
                return try start(options, user: user, binaries: binaries)
            } catch ClusterFailure.didNotStart(let log) where attempts > 0 && log.contains("could not bind") {
                continue
            }
        }
    }

    /// Ends the server, removes what is not kept and waits until that is done; a second call does nothing.
    public func stop() {
        let running = guardian.withLock { guardian in
            defer { guardian = nil }
            return guardian
        }
        running?.stop()
    }

    private static func start(
        _ options: Options, user: ServerUser, binaries: ServerBinaries
    ) throws(ClusterFailure) -> PrivateCluster {
        let directory = try ClusterDirectory.prepare(keep: options.keep, user: user)
        // The guardian and the server hold copies; ours would keep the lock after they are gone.
        defer { close(directory.lockDescriptor) }
        let guardian: Guardian
        let port: Int
        do throws(ClusterFailure) {
            port =
                try options.listenOnLoopback.map { wanted throws(ClusterFailure) in
                    wanted == 0 ? try LoopbackPort.free() : wanted
                } ?? 5432
            try directory.layOut(options.files, owner: user)
            guardian = try Guardian.start(
                directory, binaries: binaries, user: user, kept: options.keep != nil, superuser: options.superuser,
                settings: options.serverSettings(socketDirectory: directory.scratch, port: port))
        } catch {
            directory.removeScratch()
            throw error
        }
        do throws(ClusterFailure) {
            try Readiness(directory: directory, livenessEnd: guardian.livenessEnd).await()
        } catch {
            guardian.stop()
            throw error
        }
        return PrivateCluster(
            options, directory: directory, binaries: binaries, user: user, port: port, guardian: guardian)
    }
}
