import ProgramStart
import Testing

@testable import AdminCommands

@Suite struct PeopleFileTests {
    private func read(_ text: String, column: String? = nil) throws -> PeopleFile {
        try PeopleFile("list.csv", Array(text.utf8), column: column)
    }

    @Test(arguments: [
        ("email\na\nb\n", nil, "email", ["a", "b"]),
        ("name,E-Mail,ID\nx,a,1\n", nil, "ID", ["1"]),
        ("name,login\nx,a\n", "Login", "login", ["a"]),
        ("E-MAIL\tUSERNAME\tNAME\tSTATE\tID\na\tb\tc\td\t1\n", nil, "ID", ["1"]),
        ("username\na\n\n\n", nil, "username", ["a"]),
    ])
    func theColumnIsFoundByItsHeader(text: String, column: String?, found: String, keys: [String]) throws {
        let file = try read(text, column: column)
        #expect(file.column == found && file.entries.map(\.key) == keys)
        #expect(file.entries.first?.line == 2)
    }

    @Test(arguments: [
        ("", nil, "is empty"), ("\n\n", nil, "is empty"), ("email\n", nil, "no people"),
        ("anna@example.org\nbo@example.org\n", nil, "line 1: the header has no column id, email"),
        ("email\na\n", "mail", "line 1: the header has no column “mail”"),
        ("email,Email\na,b\n", nil, "line 1: the header has “email” more than once"),
        ("id,email,mail\n1,a,b\n", nil, "line 1: the header has “email” more than once"),
        ("id,email,\u{200B}E\u{2010}Mail\n1,a,b\n", nil, "line 1: the header has “email” more than once"),
        ("match,email,match\nexact,a,alike\n", nil, "line 1: the header has “match” more than once"),
        ("email,name\na,b\nc\n", nil, "line 3: 1 field where the header has 2"),
        ("email\na\n\nb\n", nil, "line 3: nothing stands in the column “email”"),
        ("email,name\na,b\n ,c\n", nil, "line 3: nothing stands"),
        ("email\n\"a\n", nil, "line 2: a quote is opened"),
        ("MATCH\tE-MAIL\nalike\ta\n", nil, "line 2: this person is only alike"),
        ("match,email\nexact,a\n Alike ,b\n", "email", "line 3: this person is only alike"),
    ])
    func whatIsWrongIsToldWithItsLine(text: String, column: String?, words: String) {
        let failure = #expect(throws: CommandFailure.self) { try read(text, column: column) }
        #expect(failure?.status == .refused)
        #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
    }

    @Test func thereIsAMostOfPeople() throws {
        let most = "email\n" + String(repeating: "anna@example.org\n", count: PeopleFile.most)
        #expect(try read(most).entries.count == PeopleFile.most)
        let failure = #expect(throws: CommandFailure.self) { try read(most + "bo@example.org\n") }
        #expect(failure?.description.contains("more than 100000") == true)
    }
}
