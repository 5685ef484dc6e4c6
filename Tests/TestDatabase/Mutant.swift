import EmbeddedPostgres
import Glibc

/// One thing in the functions that is not as in their files, to see whether the tests notice; script/test-mutants gives it.
enum Mutant {
    /// It is no SQL.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// It is SQL in a file, and goes into the templates, of which each test has a copy.
    static func apply(to database: String, on cluster: PrivateCluster) throws {
        guard let path = getenv("CONVONET_MUTANT") else { return }
        let sql = String(decoding: try SourceTree.contents(of: String(cString: path)), as: UTF8.self)
        do {
            try cluster.run(sql, database: database)
        } catch {
            throw Refused(description: "the mutant could not be applied: \(error)")
        }
    }
}
