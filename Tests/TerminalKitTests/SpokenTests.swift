import Testing

@testable import TerminalKit

/// What is said of what is drawn.
@Suite struct SpokenTests {
    @Test func aDrawingIsReadRowByRowWithoutItsLines() {
        let spoken = Spoken(place: "somewhere") { buffer in
            let inner = Dialog(title: "A box", columns: 40, rows: 3).draw(into: &buffer)
            buffer.write("Label      text of two words", column: inner.column, row: inner.row)
            buffer.write("> chosen", column: inner.column, row: inner.row + 1)
            buffer.cursor = Position(column: inner.column, row: inner.row + 1)
        }
        #expect(spoken.place == "somewhere" && spoken.lines == ["A box", "Label, text of two words"])
        #expect(spoken.focus == Spoken.Focus("", .line("> chosen")))
    }

    @Test func aRowOfATableNamesWhatIsNoNameOrSentence() {
        let table = Table(columns: [
            Table.Column(title: "E-mail ▲", minimumColumns: 4, weight: 6),
            Table.Column(title: "PIN", minimumColumns: 3),
            Table.Column(title: "By ▼", minimumColumns: 3, weight: 1),
        ])
        #expect(table.spoken([.init("a@b.de"), .init("-"), .init("bert")]) == "a@b.de; By bert")
    }

    @Test func aFormSaysItsFieldAndNeverASecret() {
        var form = Form<Int>(focus: 0)
        form.set([
            FormField(id: 0, label: "Way", content: .choice(ChoiceField(["one", "two"], chosen: 1))),
            FormField(id: 1, label: "Secret", isRequired: true, content: .secret(SecretEntry())),
        ])
        #expect(form.spokenFocus == Spoken.Focus("Way", .choice(["one", "two"], chosen: 1), place: "1 of 2"))
        #expect(form.spokenFields == "Fields: Way, Secret.")
        for key in [Key.tab, .character("x"), .character("y")] { _ = form.apply(key) { _ in nil } }
        #expect(form.spokenFocus == Spoken.Focus("Secret, required", .secret(characters: 2), place: "2 of 2"))
    }

    @Test func aMenuSaysItsLinesByTheNumbersThatChooseThem() {
        let rows = [
            MenuRow(text: "Group", style: .title, isChoice: false), MenuRow(text: "[x] one", note: "today"),
            MenuRow(text: "[ ] two"), MenuRow(text: "not now", style: .caution, isChoice: false),
        ]
        let spoken = MenuDialog(title: "Menu", rows: rows, index: 2).spoken
        #expect(spoken.choices == ["1. on: one, today", "2. off: two"] && spoken.lines == ["not now"])
        #expect(spoken.focus == Spoken.Focus("", .line("off: two"), place: "2 of 2"))
        let found = MenuDialog(title: "Menu", rows: rows, index: 1, field: TextField("o")).spoken
        #expect(found.choices == ["on: one, today", "off: two"])
        #expect(found.focus == Spoken.Focus("Find", .text("o", cursor: 1)))
        #expect(found.lines.first == "Enter runs 1 of 2: on: one, today")
    }
}
