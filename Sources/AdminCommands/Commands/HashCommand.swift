internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
import Credentials
import JSONText
import ProgramStart

struct HashCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash",
        abstract: "Print the bcrypt hash of a password.",
        discussion: """
            For use in other systems. Needs no database and applies no policy. It refuses only what bcrypt or a login form \
            cannot take: more than 72 bytes, control characters, and invisible characters at either end.

            Example: \(Program.name) hash --stdin <password.txt
            """)

    @Argument(help: .hidden) var extra: [String] = []
    @Flag(name: .long, help: "Read the password from standard input, without its line ending.") var stdin = false
    @Option(name: .long, help: "bcrypt cost, from 10 to 15.") var cost = 12
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() async throws {
        try SecretArguments.refuse(extra)
        guard (10...15).contains(cost) else { throw CommandFailure(.usage, "--cost must be from 10 to 15.") }
        do {
            let hasher = try BcryptHasher(cost: cost)
            let hash = try hasher.hash(try password().entered()).text
            if json {
                var object = JSONObject()
                object.add("format", JSONForms.format)
                object.add("hash", hash)
                try Output.data(object.text)
            } else {
                try Output.data(hash)
            }
        } catch let failure as CredentialFailure {
            throw AdminError.credential(failure)
        }
    }

    private func password() throws -> Secret {
        if stdin { return try StandardInput.secret() }
        guard let prompt = TerminalPrompt() else {
            throw CommandFailure(.usage, "No terminal to ask on: use --stdin.")
        }
        defer { prompt.finish() }
        let password = try prompt.secret("Password: ")
        guard try prompt.secret("Repeat password: ") == password else {
            throw CommandFailure(.refused, "The two entries do not match. Run it again.")
        }
        return password
    }
}
