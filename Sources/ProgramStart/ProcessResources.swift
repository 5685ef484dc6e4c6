internal import Glibc

/// What a process needs of the system to work at all.
///
/// Where it is short, the runtime and the libraries end the process by a trap, without a word and with the terminal as it
/// is: so it is tried out first, where it can still be said.
public enum ProcessResources {
    /// Connections with their sockets, the terminal, signals, and some to spare.
    private static let descriptors = 24
    /// Those of the executor, of connections and of what hashes, with some to spare.
    private static let threads = 10
    /// Address space for the stacks of those threads and for what is worked with.
    private static let bytes = 128 << 20

    /// What is short, in words, with the limit to raise; nil where nothing is. `moreDescriptors` and `moreThreads` are what
    /// its settings make it need besides.
    public static func shortage(moreDescriptors: Int = 0, moreThreads: Int = 0) -> String? {
        let (descriptors, threads) = (Self.descriptors + moreDescriptors, Self.threads + moreThreads)
        if !canOpen(descriptors) {
            return "Too few files may be open (ulimit -n): \(descriptors) more are needed."
        }
        if !canMap() {
            return "Too little memory (ulimit -v, or the machine's): 128 MiB are needed."
        }
        if ThreadRoom.now()?.isCertain(for: threads) != true, !canStart(threads) {
            return "Too few threads allowed (ulimit -u, or the control group's limit): \(threads) are needed."
        }
        return nil
    }

    private static func canOpen(_ descriptors: Int) -> Bool {
        var opened: [Int32] = []
        defer { for descriptor in opened { close(descriptor) } }
        for _ in 0..<descriptors {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            // Without /dev only the limit counts.
            guard descriptor >= 0 else { return errno != EMFILE && errno != ENFILE }
            opened.append(descriptor)
        }
        return true
    }

    private static func canMap() -> Bool {
        guard let pages = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
            pages != MAP_FAILED
        else { return false }
        munmap(pages, bytes)
        return true
    }

    /// Starts them all at once, and lets them end together.
    private static func canStart(_ threads: Int) -> Bool {
        let gate = Gate()
        var started: [pthread_t] = []
        gate.close()
        for _ in 0..<threads {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(gate)
            let failure = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Gate>.fromOpaque(context).takeRetainedValue().pass() }
                    return nil
                }, context.toOpaque())
            guard failure == 0 else {
                context.release()
                break
            }
            started.append(thread)
        }
        gate.open()
        for thread in started { pthread_join(thread, nil) }
        return started.count == threads
    }

    private final class Gate: Sendable {
        // A lock is made to be used from several threads at once; the pointer itself never changes.
        private nonisolated(unsafe) let lock = UnsafeMutablePointer<pthread_rwlock_t>.allocate(capacity: 1)

        init() { pthread_rwlock_init(lock, nil) }

        deinit {
            pthread_rwlock_destroy(lock)
            lock.deallocate()
        }

        func close() { pthread_rwlock_wrlock(lock) }

        func open() { pthread_rwlock_unlock(lock) }

        func pass() {
            pthread_rwlock_rdlock(lock)
            pthread_rwlock_unlock(lock)
        }
    }
}
