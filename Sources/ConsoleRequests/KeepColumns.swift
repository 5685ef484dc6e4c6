/// Keeps which columns of the list are shown; what comes of it is why that could not be done.
package struct KeepColumns: Work {
    package typealias Value = String?
    package typealias Progress = Never
    package var columns: [String]
    package let keep: @Sendable ([String]) -> String?

    package init(columns: [String], keep: @escaping @Sendable ([String]) -> String?) {
        self.columns = columns
        self.keep = keep
    }

    package static func == (one: KeepColumns, other: KeepColumns) -> Bool { one.columns == other.columns }

    package func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws -> String? {
        keep(columns)
    }
}
