import OperatingSystem
import SearchText
import TestDatabase
import Testing

@testable import ConvonetCore

@Suite(.dropsDatabases) struct SearchFoldTests {
    @Test(arguments: [
        ("José", "jose"), ("ÅSA", "asa"), ("Zoe\u{301} A\u{30A}sa", "zoe asa"), ("NGUYỄN", "nguyen"),
        ("Żółć", "zołc"), ("İbrahim", "ibrahim"), ("Иванов", "иванов"), ("Фёдор", "федор"), ("Ελένη", "ελενη"),
        ("남궁 민", "남궁 민"), ("さくらが", "さくらが"), ("王 Ä", "王 a"), ("", ""), ("می\u{200C}خواهم", "میخواهم"),
        ("क्\u{200D}ष", "क्ष"), ("An\u{AD}na\u{FEFF}", "anna"), ("\u{200E}\u{200D}", ""), ("O'Neil_%\\", "o'neil_%\\"),
    ]) func foldsAccentsAndCase(text: String, folded: String) {
        #expect(SearchFold.fold(text).unicodeScalars.elementsEqual(folded.unicodeScalars))
    }

    /// Every character that PostgreSQL 15 knows (Unicode 14), alone and among others.
    @Test func swiftAndSQLFoldAlike() async throws {
        let database = try await TestDatabase.make(.application)
        let output = try await database.sql(
            """
            SELECT code, encode(convert_to(\(SearchFold.sql("(one)")), 'UTF8'), 'hex'),
                   encode(convert_to(\(SearchFold.sql("('Ab' || one || ' é')")), 'UTF8'), 'hex')
            FROM generate_series(32, 195103) AS code, LATERAL (SELECT chr(code) AS one) AS t
            WHERE code NOT BETWEEN 55296 AND 57343
            """)
        var different: [String] = []
        var compared = 0
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            let scalar = try #require(UInt32(fields[0]).flatMap(Unicode.Scalar.init))
            guard let age = scalar.properties.age, age.major <= 14 else { continue }
            compared += 1
            let one = String(Character(scalar))
            let here = [one, "Ab\(one) é"].map { hexadecimal(SearchFold.fold($0)) }
            if here != [String(fields[1]), String(fields[2])] { different.append(String(scalar.value, radix: 16)) }
        }
        #expect(different == [])
        #expect(compared > 100_000)
    }

    @Test func placesCoverWholeCharacters() {
        func marked(_ words: String..., in text: String) -> [String] {
            SearchFold.places(of: words, in: text).map { String(text[$0]) }
        }
        #expect(marked("jose", in: "María José") == ["José"])
        #expect(marked("JOSÉ", "ria", in: "Maria Jose") == ["Jose", "ria"])
        #expect(marked("zoe", in: "Zoe\u{301}") == ["Zoe\u{301}"])
        #expect(marked("an", in: "Susan Ann Jan") == ["An"])
        #expect(marked("林", in: "林美玲") == ["林"])
        #expect(marked("美", in: "林美玲") == [])
        #expect(marked("", in: "Ann") == [] && marked("ann", in: "") == [])
    }

    private func hexadecimal(_ text: String) -> String { Array(text.utf8).hexadecimal }
}
