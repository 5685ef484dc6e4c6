public import EmbeddedPostgres

extension PrivateCluster {
    /// Runs SQL as `run` does, but for holding up a thread that tests share.
    @discardableResult
    public func sql(_ text: String, database: String = "postgres", user: String? = nil) async throws -> String {
        try await elsewhere { try self.run(text, database: database, user: user) }
    }
}
