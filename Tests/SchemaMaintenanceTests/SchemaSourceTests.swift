import FoundationEssentials
import TestDatabase
import Testing

@testable import ConvonetSchema

/// The SQL that the program carries is the SQL that lies in its source.
@Suite struct SchemaSourceTests {
    /// A file that nobody named in `CSchema.c` would never be carried out.
    @Test func everyFileOfSQLIsCarriedOnce() throws {
        let directory = SourceTree.root + "/Sources/ConvonetSchema/SQL"
        let written = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".sql") }
            .map { String(decoding: try SourceTree.contents(of: "\(directory)/\($0)"), as: UTF8.self) }
        let carried =
            SchemaSource.steps(from: 0) + SchemaSource.functions + SchemaSource.views
            + [
                SchemaSource.handFunctions, SchemaSource.readerFunctions, SchemaSource.teamsView,
                SchemaSource.ownerViews, SchemaSource.grants,
            ]
        #expect(carried.map { String(decoding: $0, as: UTF8.self) }.sorted() == written.sorted())
    }
}
