internal import Glibc
internal import OperatingSystem

/// Whether the system certainly lets this process start some more threads, by what it says of its limits.
///
/// To ask takes a tenth of what it takes to start ten threads and see. Where it does not say enough, nothing is certain.
struct ThreadRoom {
    /// The tasks that there are, in the whole system.
    let tasks: Int
    /// How many one user may have; nil for any number.
    let userLimit: Int?
    /// The limits of the control groups that the process is in, and how much of each is used.
    let groups: [(used: Int, limit: Int)]

    /// A system whose own limit is no more than this could not have run the program in the first place.
    private static let certainTasks = 1500

    /// Whether there is room for so many more.
    func isCertain(for threads: Int) -> Bool {
        let needed = tasks + threads
        return needed < Self.certainTasks && userLimit.map { needed < $0 } ?? true
            && groups.allSatisfy { $0.used + threads <= $0.limit }
    }

    /// What the system says; nil where something is missing or in a form that is not known.
    static func now() -> ThreadRoom? {
        var limit = rlimit()
        guard seesAllGroups, getrlimit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), &limit) == 0,
            let load = text(of: "/proc/loadavg"), let tasks = tasks(in: load),
            let membership = text(of: "/proc/self/cgroup"), let directories = directories(in: membership)
        else { return nil }
        var groups: [(used: Int, limit: Int)] = []
        for directory in directories {
            // The uppermost has none, nor has any where threads are not counted.
            guard let limit = text(of: directory + "/pids.max") else { continue }
            if limit == "max" { continue }
            guard let limit = Int(limit), let used = text(of: directory + "/pids.current").flatMap({ Int($0) })
            else { return nil }
            groups.append((used, limit))
        }
        return ThreadRoom(
            tasks: tasks, userLimit: limit.rlim_cur >= rlim_t(Int.max) ? nil : Int(limit.rlim_cur), groups: groups)
    }

    /// In a name space of its own, as in a container, a process does not see the groups above it, whose limits count all the same. The
    /// first one has this number in every kernel (PROC_CGROUP_INIT_INO).
    private static var seesAllGroups: Bool {
        var space = stat()
        return stat("/proc/self/ns/cgroup", &space) == 0 && space.st_ino == 0xEFFF_FFFB
    }

    /// Of `/proc/loadavg`: “0.11 0.29 1.39 1/103 14369” has 103.
    static func tasks(in load: String) -> Int? {
        let fields = load.split(separator: " ")
        guard fields.count == 5 else { return nil }
        return fields[3].split(separator: "/").last.flatMap { Int($0) }
    }

    /// Of `/proc/self/cgroup`: the directories of the group in which threads are counted, and of those above it; nil where they
    /// cannot be seen from here.
    static func directories(in membership: String) -> [String]? {
        let lines = membership.split(separator: "\n").map {
            $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        }
        guard lines.allSatisfy({ $0.count == 3 }) else { return nil }
        // The hierarchy of before has one for each controller; in the unified one, all are in the group without a name.
        let root: String, path: Substring
        if let counted = lines.first(where: { $0[1].split(separator: ",").contains("pids") }) {
            (root, path) = ("/sys/fs/cgroup/pids", counted[2])
        } else if let unified = lines.first(where: { $0[0] == "0" && $0[1].isEmpty }) {
            (root, path) = ("/sys/fs/cgroup", unified[2])
        } else {
            return nil
        }
        let names = path.split(separator: "/")
        guard !names.contains(".."), access("\(root)/cgroup.procs", F_OK) == 0 else { return nil }
        return (0...names.count).map { ([root] + names.prefix($0).map(String.init)).joined(separator: "/") }
    }

    private static func text(of path: String) -> String? {
        guard let bytes = try? ReadableFile.contents(of: path, named: .settings, limit: 8192) else { return nil }
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
