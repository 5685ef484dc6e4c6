import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

/// A code of our own means one thing, wherever SQL raises it and Swift reads it.
@Suite struct SQLStateTests {
    private static func sources() throws -> [(path: String, text: String)] {
        let root = SourceTree.root + "/Sources/"
        return try FileManager.default.subpathsOfDirectory(atPath: root)
            .filter { $0.hasSuffix(".sql") || $0.hasSuffix(".swift") }
            .map { ($0, String(decoding: try SourceTree.contents(of: root + $0), as: UTF8.self)) }
    }

    @Test func everyCodeIsRaisedWithTheMessagesOfItsOneMeaning() throws {
        var raised: [String: Set<String>] = [:]
        for (_, text) in try Self.sources() {
            for match in text.matches(of: /RAISE EXCEPTION(?: '([^']+)')? USING ERRCODE = '(CA\w+)'/) {
                raised[String(match.2), default: []].formUnion(match.1.map { [String($0)] } ?? [])
            }
        }
        #expect(raised == Dictionary(uniqueKeysWithValues: SQLState.own.map { ($0.state.code, Set($0.messages)) }))
        let messages = SQLState.own.flatMap(\.messages)
        #expect(Set(messages).count == messages.count, "one message is raised with two codes")
    }

    @Test func noOtherCodeIsNamedAnywhere() throws {
        let known = Set(SQLState.own.map(\.state.code))
        var named = 0
        for (path, text) in try Self.sources() {
            for match in text.matches(of: /(['"])(CA\d\d\d)['"]/) {
                named += 1
                #expect(known.contains(String(match.2)), "\(path)")
                #expect(
                    match.1 == "'" || path.hasSuffix("OwnSQLStates.swift"), "\(path): \(match.2) has a name in Swift")
            }
        }
        #expect(named > known.count)
    }
}
