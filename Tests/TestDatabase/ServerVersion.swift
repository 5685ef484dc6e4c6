public import Testing

@testable import EmbeddedPostgres

extension Trait where Self == ConditionTrait {
    /// For what the server does since this version, such as 16.
    public static func server(since version: Int) -> Self {
        .enabled("needs PostgreSQL \(version) or newer: script/test --postgres") {
            try ServerBinaries.find().version >= version
        }
    }
}
