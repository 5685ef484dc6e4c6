import Testing

@testable import TerminalKit

@Suite struct TextFieldTests {
    func typed(_ keys: [Key], into text: String = "") -> TextField {
        var field = TextField(text)
        for key in keys { field.apply(key) }
        return field
    }

    @Test func editsInTheMiddle() {
        let field = typed([.left, .left, .character("x"), .delete, .backspace, .character("é")], into: "abc")
        #expect(field.text == "aéc")
        #expect(field.cursor == 2)
    }

    @Test func staysWithinItsEnds() {
        #expect(typed([.backspace, .left, .home, .delete], into: "").text == "")
        #expect(typed([.right, .end, .delete, .home, .backspace], into: "ab").text == "ab")
        #expect(typed([.control("u"), .character("z")], into: "ab").text == "z")
    }

    @Test func leavesOtherKeysToTheDialog() {
        var field = TextField("a")
        for key in [Key.enter, .tab, .up, .escape, .control("c"), .function(1)] {
            let used = field.apply(key)
            #expect(!used)
        }
        #expect(field.text == "a")
    }

    @Test(arguments: [
        ("b\nc\r\nd\te\u{1B}\u{2028}f", "ab c d e f"), ("\n b \n\n c \n", "ab c"), ("\n", "a"), (" b ", "a b "),
    ])
    func pastedLinesArePartedByABlank(_ pasted: String, _ text: String) {
        var field = TextField("a")
        field.insert(pasted)
        #expect(field.text == text)
    }

    @Test func takesNoMoreThanItsLimit() {
        var field = TextField("", limit: 3)
        field.insert("abcdef")
        #expect(field.text == "abc")
        field.apply(.character("x"))
        #expect(field.text == "abc")
        field.apply(.character("\u{301}"))
        #expect(field.text == "abc\u{301}")
    }

    @Test func aMarkJoinsTheCharacterBeforeIt() {
        let field = typed([.character("e"), .character("\u{301}"), .character("x"), .backspace, .backspace])
        #expect(field.isEmpty)
    }

    @Test func scrollsToKeepTheCursorInView() {
        var buffer = Buffer(size: Size(columns: 5, rows: 1))
        var field = TextField("abcdefgh")
        field.draw(into: &buffer, column: 0, row: 0, columns: 5, focused: true)
        #expect(buffer.text() == "efgh")
        #expect(buffer.cursor == Position(column: 4, row: 0))
        field.apply(.home)
        field.draw(into: &buffer, column: 0, row: 0, columns: 5, focused: true)
        #expect(buffer.text() == "abcde")
        #expect(buffer.cursor == Position(column: 0, row: 0))
    }

    @Test func scrollsWideCharactersWhole() {
        var buffer = Buffer(size: Size(columns: 6, rows: 1))
        TextField("山田太郎").draw(into: &buffer, column: 0, row: 0, columns: 6, focused: true)
        #expect(buffer.text() == "太郎")
        #expect(buffer.cursor == Position(column: 4, row: 0))
    }

    @Test func withoutFocusItShowsItsBeginningAndNoCursor() {
        var buffer = Buffer(size: Size(columns: 4, rows: 1))
        TextField("abcdefgh").draw(into: &buffer, column: 0, row: 0, columns: 4, focused: false)
        #expect(buffer.text() == "abcd")
        #expect(buffer.cursor == nil)
        #expect(buffer[0, 0].style == .field)
    }

    @Test func aMaskedFieldShowsOnlyHowLongItIs() {
        var buffer = Buffer(size: Size(columns: 5, rows: 1))
        MaskedField(characters: 3).draw(into: &buffer, column: 0, row: 0, columns: 5, focused: true)
        #expect(buffer.text() == "•••")
        #expect(buffer.cursor == Position(column: 3, row: 0))
        MaskedField(characters: 30, cursor: 30).draw(into: &buffer, column: 0, row: 0, columns: 5, focused: true)
        #expect(buffer.text() == "••••")
        #expect(buffer.cursor == Position(column: 4, row: 0))
    }
}
