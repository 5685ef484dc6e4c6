import AccountPolicy
import ConvonetDatabase
import Credentials
import NameLikeness
import OperatingSystem
import PostgresClient
import SearchText
import TerminalKit

@testable import NcursesTerminal
@testable import ProgramStart
@testable import SSHAccess

/// What an operator, their terminal, their sshd and their settings say.
extension FuzzTarget {
    /// Keys, pastes, reports and what else a terminal sends: the same, however it is split over reads.
    @Sendable static func terminal(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let text = bytes.dropFirst()
        var (whole, split) = (
            InputDecoder(takesPointer: first & 1 == 1), InputDecoder(takesPointer: first & 1 == 1)
        )
        whole.expectsReport = first & 2 == 2
        split.expectsReport = first & 2 == 2
        let cut = text.isEmpty ? text.startIndex : text.startIndex + Int(first) % text.count
        let together = whole.feed(text) + whole.silence()
        let apart = split.feed(text[..<cut]) + split.feed(text[cut...]) + split.silence()
        try require(together == apart, "split differently, other keys")
        try require(whole.feed([0x61]).count <= 1 && whole.patience ?? 0 <= 2000, "it waits on")
    }

    /// Settings are read, or refused with words.
    @Sendable static func settings(_ bytes: [UInt8]) throws {
        do {
            _ = try SettingsDocument(parsing: text(bytes), path: "fuzz.toml")
        } catch {
            try require(!"\(error)".isEmpty, "refused without a word")
        }
    }

    /// An address of a database is read, or refused with words.
    @Sendable static func address(_ bytes: [UInt8]) throws {
        let text = text(bytes)
        _ = DatabaseAddress.fromEnvironment(["DATABASE_URL": text])
        _ = DatabaseAddress.fromEnvironment(["DB_HOST": text, "DB_PASSWORD": text])
        _ = try? ConnectionParameters(text, applicationName: "fuzz", environment: [:])
    }

    /// Values of every setting of the policy, and the whole of it as the database gives it.
    @Sendable static func policy(_ bytes: [UInt8]) throws {
        let text = text(bytes)
        for setting in PolicySetting.all {
            if let json = try? setting.json(parsing: text) { try require(!json.isEmpty, "an empty value") }
        }
        _ = try? Policy(json: text)
    }

    /// What is typed or piped as a password: composed once, it stays as it is.
    @Sendable static func secret(_ bytes: [UInt8]) throws {
        let composed = Secret(utf8: bytes).composed
        try require(composed == composed.composed, "composed twice, it is another password")
        _ = try? composed.entered()
    }

    /// What a search compares: folded once, it stays as it is.
    @Sendable static func folding(_ bytes: [UInt8]) throws {
        let text = text(bytes)
        let folded = SearchFold.fold(text)
        try require(SearchFold.fold(folded) == folded, "folded twice, it is another text")
        for place in SearchFold.places(of: [text], in: text + folded) {
            try require(!place.isEmpty, "nothing is marked")
        }
    }

    /// Who is alike: each spelling once, and never the word itself.
    @Sendable static func alike(_ bytes: [UInt8]) throws {
        let word = SearchFold.fold(text(bytes))
        let spellings = AlikeSpellings.of(word)
        try require(Set(spellings.map(\.letters)).count == spellings.count, "a spelling twice")
        try require(!spellings.map(\.letters).contains(word.unicodeScalars.map { $0 }), "the word itself")
    }

    /// What a client of SSH asks to be run: words of which each can be quoted and comes out the same.
    @Sendable static func words(_ bytes: [UInt8]) throws {
        guard let words = try? CommandWords.split(text(bytes)) else { return }
        let quoted = words.map { "'" + $0.escaping(["'": #"'\''"#]) + "'" }.joined(separator: " ")
        guard quoted.utf8.count <= CommandWords.limit else { return }
        try require((try? CommandWords.split(quoted)) == words, "quoted, they are other words")
    }

    /// By what somebody signed in, as sshd writes it: what the log is told is short, and one line.
    @Sendable static func signIn(_ bytes: [UInt8]) throws {
        guard let signIn = UserAuthFile.signIn(text: text(bytes)) else { return }
        for word in signIn.words { try require(!word.contains(where: \.isNewline), word) }
        _ = SSHOrigin(claim: text(bytes)).claim
    }
}
