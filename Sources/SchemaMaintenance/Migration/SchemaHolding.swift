import ConvonetDatabase
import ConvonetSchema

/// What reads the application's tables, and so belongs to a role that has rights there and none on the log: functions, and views,
/// those first that others read.
struct SchemaHolding {
    let functions: [UInt8]
    let views: [[UInt8]]

    /// The hand's: people.
    static let people = SchemaHolding(functions: SchemaSource.handFunctions, views: SchemaSource.views)

    /// The reader's: what lies beside them.
    static let neighbours = SchemaHolding(functions: SchemaSource.readerFunctions, views: [SchemaSource.teamsView])

    /// The functions' names; each is there once.
    var functionNames: [String] { FunctionSignature.all(in: functions).map(\.name) }

    var viewNames: [String] { SchemaSource.viewNames(in: views) }

    var dropViews: String { "DROP VIEW IF EXISTS \(SchemaScript.list(ofViews: viewNames.reversed()));" }
}
