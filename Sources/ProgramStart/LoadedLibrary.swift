internal import CGlibc
internal import Glibc

/// A library that the process runs with, asked itself: what is loaded can be another than what was there at the build.
struct LoadedLibrary {
    let name: String
    /// What the library says of itself; nil for those that say nothing.
    let version: String?
    /// Its file, whose name has a version too.
    let path: String

    /// Those whose versions matter, as far as they are loaded.
    static func all() -> [LoadedLibrary] {
        [
            LoadedLibrary("libpq", by: "PQlibVersion") { function in
                let number = unsafeBitCast(function, to: (@convention(c) () -> Int32).self)()
                return "\(number / 10_000).\(number % 10_000)"
            },
            LoadedLibrary("OpenSSL", by: "OpenSSL_version") { function in
                text(unsafeBitCast(function, to: (@convention(c) (Int32) -> UnsafePointer<CChar>?).self)(0))
            },
            LoadedLibrary("ncurses", by: "curses_version", says: answer),
            LoadedLibrary("libcrypt", by: "crypt_rn") { _ in nil },
            LoadedLibrary("libzxcvbn", by: "ZxcvbnMatch") { _ in nil },
            LoadedLibrary("glibc", by: "gnu_get_libc_version", says: answer),
        ].compactMap { $0 }
    }

    /// The library that has a function of this name; nil where none is loaded.
    init?(_ name: String, by function: String, says: (UnsafeMutableRawPointer) -> String?) {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let isFound = path.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { cg_library_of(function, $0.baseAddress, $0.count) == 0 }
        }
        guard isFound, let address = dlsym(nil, function) else { return nil }
        self.name = name
        self.path = String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
        version = says(address)
    }

    private static func answer(of function: UnsafeMutableRawPointer) -> String? {
        text(unsafeBitCast(function, to: (@convention(c) () -> UnsafePointer<CChar>?).self)())
    }

    private static func text(_ answer: UnsafePointer<CChar>?) -> String? { answer.map { String(cString: $0) } }
}
