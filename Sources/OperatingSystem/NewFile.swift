internal import CGlibc
internal import Glibc

/// A file that is made here, that only its owner can read, and that gets its name when it is whole.
///
/// It never takes the place of another and follows no link, so that in a directory where others may write too nobody
/// can send it elsewhere. Until then its name ends in `.partial`: half a log would be taken for a whole one.
public final class NewFile {
    /// To be written to.
    public let descriptor: Int32
    private let path: String
    private var isPublished = false

    /// The ways to give it its name without overwriting, the surest first; not every file system knows the first two.
    enum Naming: CaseIterable {
        /// renameat2(2) with RENAME_NOREPLACE.
        case rename
        /// A hard link.
        case link
        /// An empty file of the name, made so that nobody else can make it, which is then replaced.
        case placeholder
    }

    /// Makes it under its name for the time being.
    public init(_ path: String) throws(FileProblem) {
        try NamedFiles.check(path)
        var state = stat()
        guard lstat(path, &state) != 0 else { throw .isThere }
        let descriptor = open(path + Self.ending, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw errno == EEXIST ? .isThere : .last }
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        if !isPublished, isStillThere { unlink(path + Self.ending) }
        close(descriptor)
    }

    /// What a file's name ends in until it is whole.
    public static let ending = ".partial"

    /// Brings it down to the disk and gives it its name.
    public func publish() throws(FileProblem) { try publish(by: Naming.allCases) }

    func publish(by ways: [Naming]) throws(FileProblem) {
        // Some file systems and devices have nothing to synchronise.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else { throw .last }
        guard isStillThere else { throw .exchanged }
        var problem = FileProblem.system(EINVAL)
        for way in ways {
            do throws(FileProblem) {
                try name(by: way)
                isPublished = true
                return
            } catch .isThere {
                throw .isThere
            } catch {
                problem = error
            }
        }
        throw problem
    }

    private func name(by way: Naming) throws(FileProblem) {
        let partial = path + Self.ending
        switch way {
        case .rename:
            guard cg_rename_noreplace(partial, path) == 0 else { throw errno == EEXIST ? .isThere : .last }
        case .link:
            guard link(partial, path) == 0 else { throw errno == EEXIST ? .isThere : .last }
            unlink(partial)
        case .placeholder:
            let place = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard place >= 0 else { throw errno == EEXIST ? .isThere : .last }
            close(place)
            guard rename(partial, path) == 0 else {
                let failure = FileProblem.last
                unlink(path)
                throw failure
            }
        }
    }

    /// Whether the name for the time being still stands for the file that was made.
    private var isStillThere: Bool {
        var ours = stat()
        var theirs = stat()
        return fstat(descriptor, &ours) == 0 && lstat(path + Self.ending, &theirs) == 0
            && ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev
    }
}
