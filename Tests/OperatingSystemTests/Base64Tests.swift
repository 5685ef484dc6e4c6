import OperatingSystem
import Testing

@Suite struct Base64Tests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("é\u{FF}", "w6nDvw=="),
    ])
    func isPadded(_ text: String, _ encoded: String) {
        #expect(Base64.encoded(text.utf8) == encoded)
    }

    @Test(arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("\u{3FF}\u{3FE}", "z7_Pvg")])
    func ofURLsHasLettersThatTheyTake(_ text: String, _ encoded: String) {
        #expect(Base64.encodedForURL(text.utf8) == encoded)
    }
}
