import Testing

@testable import PostgresClient

@Suite struct QuotedWordTests {
    /// The words of a connection come from settings and the environment.
    @Test(arguments: ["\u{308}", "\u{200D}", "\u{7EF}", ""]) func nothingEndsAWordOfAConnection(mark: String) throws {
        let name = "a'\(mark) user='mallory\\\(mark)"
        let text = ConnectionHandle.text(of: ["dbname": name])
        let values = try ConnectionParameters(text, applicationName: "tests", environment: ["PGUSER": "me"]).values
        #expect(values["dbname"]?.unicodeScalars.elementsEqual(name.unicodeScalars) == true)
        #expect(values["user"] == "me" || values["user"] == nil)
    }
}
