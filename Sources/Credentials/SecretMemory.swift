internal import Glibc

/// Pages of memory of their own: kept out of swap and core dumps where the system allows it, wiped before they go.
///
/// `mlock` and `madvise` are best effort: a small RLIMIT_MEMLOCK or an old kernel must not keep anybody from working.
struct SecretMemory: ~Copyable {
    /// The first byte; page-aligned.
    let start: UnsafeMutableRawPointer

    /// Bytes that may be used; all zero at first.
    let capacity: Int

    /// Zeroed pages for at least so many bytes and one more, so that a NUL always ends them.
    init(capacity wanted: Int) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let size = (wanted + page) / page * page
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        // Anonymous pages are refused only when memory has run out, where any allocation of Swift's ends the process too;
        // here it can at least be said: EX_OSERR of sysexits(3).
        guard let pages = mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0), pages != MAP_FAILED else {
            let words: StaticString = "convonet: there is no memory left.\n"
            _ = write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
            exit(71)
        }
        _ = mlock(pages, size)
        _ = madvise(pages, size, Int32(MADV_DONTDUMP))
        _ = madvise(pages, size, Int32(MADV_WIPEONFORK))
        start = pages
        capacity = size
    }

    deinit {
        explicit_bzero(start, capacity)
        munmap(start, capacity)
    }
}
