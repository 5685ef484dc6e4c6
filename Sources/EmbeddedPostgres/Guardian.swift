import Glibc
import OperatingSystem

/// The small shell parent of the server, which ends it when its owner ends.
///
/// The owner holds one end of a socket pair, close-on-exec; the other is the shell's standard input. However the owner
/// ends, kill -9 included, the kernel closes its end, and the shell stops the server and removes the scratch directory.
/// The shell has a session of its own, so that Ctrl-C and hang-up in the owner's terminal do not reach it; if the shell
/// itself is killed, the server gets SIGQUIT from the kernel. A second pair stays open as long as initdb or the server
/// lives, and tells the owner at once when they end.
struct Guardian: Sendable {
    let process: ChildProcess
    /// Closing it ends the cluster.
    let ownerEnd: Int32
    /// At its end of file, initdb or the server has ended.
    let livenessEnd: Int32

    /// Lets the cluster end and waits until server and scratch directory are gone.
    func stop() {
        close(ownerEnd)
        close(livenessEnd)
        process.wait()
    }

    static func start(
        _ directory: ClusterDirectory, binaries: ServerBinaries, user: ServerUser, kept: Bool, superuser: String,
        settings: [(name: String, value: String)]
    ) throws(ClusterFailure) -> Guardian {
        let owner = try pair()
        defer { close(owner.theirs) }
        let liveness: (ours: Int32, theirs: Int32)
        do throws(ClusterFailure) { liveness = try pair() } catch {
            close(owner.ours)
            throw error
        }
        defer { close(liveness.theirs) }
        do throws(ClusterFailure) {
            let null = open("/dev/null", O_RDWR | O_CLOEXEC)
            guard null >= 0 else { throw SystemError.failure("open", "/dev/null") }
            defer { close(null) }
            let log = try directory.makeLog(owner: user)
            defer { close(log) }
            let words =
                user.launcher() + ["sh", "-c", script, "convonet-private-postgres"]
                + [binaries.directory, directory.home, directory.scratch, kept ? "INT" : "QUIT", superuser]
                + settings.flatMap { ["-c", "\($0.name)=\($0.value)"] }
            let process = try ChildProcess.spawn(
                words, descriptors: [owner.theirs, null, null, liveness.theirs, directory.lockDescriptor, log],
                inOwnSession: true)
            return Guardian(process: process, ownerEnd: owner.ours, livenessEnd: liveness.ours)
        } catch {
            close(owner.ours)
            close(liveness.ours)
            throw error
        }
    }

    /// Connected sockets: unlike a pipe they can be made close-on-exec in one step, so no other thread's child inherits them.
    private static func pair() throws(ClusterFailure) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemError.failure("socketpair", "the guardian") }
        return (ends[0], ends[1])
    }

    // initdb works in data.new, so that one that was cut off is never taken for a cluster. Descriptors 3 (liveness) and
    // 4 (lock) are inherited by initdb and the server; the shell keeps the lock alone. 5 is the log, opened by the owner. A background job of sh ignores INT
    // and QUIT until the server sets its own handlers, so initdb is ended by TERM, sent to the whole process group, which
    // a server that is already stopping ignores. Fast shutdown (INT) for kept data, immediate (QUIT) for the others.
    private static let script = """
        umask 077
        cd /
        bin=$1 home=$2 scratch=$3 signal=$4 superuser=$5
        shift 5
        (
            if [ ! -e "$home/data/PG_VERSION" ]; then
                rm -rf "$home/data.new"
                "$bin/initdb" -D "$home/data.new" -U "$superuser" --no-sync --encoding=UTF8 --locale=C.UTF-8 \\
                    --auth-local=trust --auth-host=scram-sha-256 || exit 1
                mv "$home/data.new" "$home/data" || exit 1
            fi
            rm -f "$home/data/postmaster.pid"
            [ ! -e "$scratch/files" ] || cp -f "$scratch/files/"* "$home/data/" || exit 1
            exec setpriv --pdeathsig QUIT -- "$bin/postgres" -D "$home/data" "$@"
        ) </dev/null >&5 2>&1 5>&- &
        server=$!
        exec 3>&- 5>&-
        trap : TERM
        read -r _
        kill -"$signal" "$server" 2>/dev/null
        kill -TERM 0
        while kill -0 "$server" 2>/dev/null; do wait "$server"; done
        tries=50
        while ! rm -rf "$scratch" && [ "$tries" -gt 0 ]; do tries=$((tries - 1)); sleep 0.1; done
        """
}
