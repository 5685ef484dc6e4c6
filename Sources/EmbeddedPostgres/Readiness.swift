import Glibc

/// Waits until a server that is starting accepts connections.
struct Readiness {
    var directory: ClusterDirectory
    var livenessEnd: Int32

    /// Long enough for initdb on a slow machine and for kept data to recover.
    static let seconds = 60

    /// Returns once the server has written "ready" into its lock file, which it rewrites at each step of its start.
    func await() throws(ClusterFailure) {
        let pause: Int32 = 5
        for _ in 0..<(Self.seconds * 1000 / Int(pause)) {
            var liveness = pollfd(fd: livenessEnd, events: Int16(POLLIN), revents: 0)
            // Nothing is ever written there: it becomes readable only by its end, when initdb or the server has ended.
            if poll(&liveness, 1, pause) > 0 { throw .didNotStart(log: logTail) }
            if isReady { return }
        }
        throw .notReady(seconds: Self.seconds, log: logTail)
    }

    private var isReady: Bool {
        guard let text = FileSystem.readTail("\(directory.data)/postmaster.pid", limit: 4096) else { return false }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count >= 8 && lines[7].hasPrefix("ready")
    }

    private var logTail: String { FileSystem.readTail(directory.log, limit: 2000) ?? "(nothing)" }
}
