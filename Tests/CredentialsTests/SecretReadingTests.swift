import Credentials
import Testing

/// Secrets that are read from elsewhere.
@Suite struct SecretReadingTests {
    private func read(_ text: String) -> Secret {
        Secret(capacity: 100) { room in
            room.copyBytes(from: text.utf8)
            return text.utf8.count
        }
    }

    @Test(arguments: [
        ("word", "word"), ("word\n", "word"), ("word\r\nmore\n", "word"), ("word\r", "word\r"), ("\nword", ""),
        ("", ""),
        (" two words \n", " two words "), ("a\0b\nc", "a\0b"),
    ])
    func theFirstLineIsWithoutItsEnd(text: String, line: String) {
        #expect(read(text).firstLine == Secret(copying: line))
    }
}
