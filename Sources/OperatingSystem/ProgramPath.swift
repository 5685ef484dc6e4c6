internal import CGlibc
internal import Glibc

/// Where another program is found: never by PATH, which belongs to whoever starts ours.
public enum ProgramPath {
    /// The path of a program that may be run, or nil where there is none.
    ///
    /// A name is looked for in the system's own directories, the first of them first; a whole path stands for itself.
    public static func find(_ program: String) -> String? {
        var path = [CChar](repeating: 0, count: 4096)
        guard !program.utf8.contains(0), cg_find_program(program, &path, path.count) == 0 else { return nil }
        return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The directories in which names are looked for, as PATH spells them: what the programs that we start get as theirs.
    public static var directories: String { String(cString: cg_program_directories()) }
}
