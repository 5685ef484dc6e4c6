import Glibc
import OperatingSystem

/// Where a cluster's files lie: a scratch directory for the socket, and the data in it or in the kept directory.
///
/// The scratch directory is always in /tmp, whatever TMPDIR says: a socket's path may have 107 bytes at most.
struct ClusterDirectory: Sendable {
    var scratch: String
    var home: String
    /// Locked by everything that belongs to the running cluster; see `lock()`.
    var lockDescriptor: Int32

    var data: String { "\(home)/data" }
    var log: String { "\(home)/server.log" }

    private static let ownEntries: Set<String> = ["data.new", "lock", "server.log"]

    /// Makes the directories, gives them to `user` and takes the lock; leaves nothing behind when it throws.
    static func prepare(keep: String?, user: ServerUser) throws(ClusterFailure) -> ClusterDirectory {
        let home = try keep.map { path throws(ClusterFailure) in try prepareKept(path, user: user) }
        var template = Array("/tmp/convonet-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.failure("mkdtemp", "/tmp") }
        let scratch = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(ClusterFailure) {
            if user.isAnother, chown(scratch, user.uid, user.gid) != 0 { throw SystemError.failure("chown", scratch) }
            let descriptor = try lock(home ?? scratch, owner: user)
            return ClusterDirectory(scratch: scratch, home: home ?? scratch, lockDescriptor: descriptor)
        } catch {
            unlink("\(scratch)/lock")
            rmdir(scratch)
            throw error
        }
    }

    /// Puts files where the guardian copies them from, once there is a data directory, as the server's user.
    func layOut(_ files: [String: String], owner: ServerUser) throws(ClusterFailure) {
        guard !files.isEmpty else { return }
        let directory = "\(scratch)/files"
        guard mkdir(directory, 0o700) == 0 else { throw SystemError.failure("mkdir", directory) }
        for (name, text) in files { try FileSystem.write(text, to: "\(directory)/\(name)", owner: owner) }
        if owner.isAnother, chown(directory, owner.uid, owner.gid) != 0 {
            throw SystemError.failure("chown", directory)
        }
    }

    /// Removes the scratch directory of a cluster whose guardian never ran.
    func removeScratch() {
        for name in FileSystem.entries(of: "\(scratch)/files") { unlink("\(scratch)/files/\(name)") }
        rmdir("\(scratch)/files")
        unlink("\(scratch)/server.log")
        unlink("\(scratch)/lock")
        rmdir(scratch)
    }

    /// The major version of the data that are there already.
    static func keptVersion(in directory: String) -> Int? {
        FileSystem.readTail("\(directory)/data/PG_VERSION", limit: 16).flatMap { Int($0.prefix { $0.isNumber }) }
    }

    private static func prepareKept(_ path: String, user: ServerUser) throws(ClusterFailure) -> String {
        if mkdir(path, 0o700) == 0 {
            if user.isAnother, chown(path, user.uid, user.gid) != 0 { throw SystemError.failure("chown", path) }
        } else if errno != EEXIST {
            throw SystemError.failure("mkdir", path)
        }
        guard let real = FileSystem.realPath(path), let stream = opendir(real) else {
            throw SystemError.failure("opendir", path)
        }
        closedir(stream)
        try refuseDirectoryOfOthers(real, user: user)
        let entries = Set(FileSystem.entries(of: real))
        guard keptVersion(in: real) != nil || entries.isSubset(of: ownEntries) else { throw .notACluster(path) }
        let reach = try ChildProcess.run(user.launcher() + ["test", "-w", real, "-a", "-x", real])
        guard reach.succeeded else { throw .directoryOutOfReach(path, user: user.name) }
        return real
    }

    /// Whoever may write to the directory could exchange what is made in it, by a link to a file of ours for one.
    private static func refuseDirectoryOfOthers(_ real: String, user: ServerUser) throws(ClusterFailure) {
        let trusted = [0, geteuid(), user.uid]
        func isOurs(_ path: String, unless forbidden: mode_t) -> Bool {
            var state = stat()
            guard lstat(path, &state) == 0 else { return errno == ENOENT }
            // A link could lead elsewhere tomorrow.
            return state.st_mode & S_IFMT == S_IFDIR && trusted.contains(state.st_uid) && state.st_mode & forbidden == 0
        }
        for path in [real, "\(real)/data"] where !isOurs(path, unless: 0o022) { throw .directoryOfOthers(path) }
        // Above it others may make directories of their own, as in /tmp, where the sticky bit keeps them off ours.
        var path = real
        while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            path = String(path[..<slash])
            var state = stat()
            let isSticky = lstat(path, &state) == 0 && state.st_mode & S_ISVTX != 0
            if !isOurs(path, unless: isSticky ? 0 : 0o002) { throw .directoryOfOthers(path) }
        }
    }

    /// An empty file for what the server says, in the place of the last one.
    func makeLog(owner: ServerUser) throws(ClusterFailure) -> Int32 { try FileSystem.replace(log, owner: owner) }

    /// Takes the lock that the guardian and the server inherit, so that it is free only when neither lives any more.
    ///
    /// A lock on an open file, unlike a process id in a file, cannot be stale after kill -9 or a restart of the machine.
    private static func lock(_ home: String, owner: ServerUser) throws(ClusterFailure) -> Int32 {
        let path = "\(home)/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemError.failure("open", path) }
        var state = stat()
        // By a second name of another's file, that one would be given away.
        guard fstat(descriptor, &state) == 0, state.st_mode & S_IFMT == S_IFREG, state.st_nlink == 1 else {
            close(descriptor)
            throw .directoryOfOthers(home)
        }
        if owner.isAnother { fchown(descriptor, owner.uid, owner.gid) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { throw .directoryInUse(home) }
            throw SystemError.failure("flock", path, code: code)
        }
        return descriptor
    }
}
