internal import ArgumentParser
import ConvonetCore
import ProgramStart

struct HashCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hash",
        abstract: "Prints the bcrypt hash of a password, for use elsewhere.",
        discussion: """
            No database is asked and no policy applied: only what bcrypt cannot take is refused, and what nobody would \
            type at a login (control characters, and unseen ones at either end).

            Example: \(Program.name) hash --stdin <password.txt
            """)

    @Argument(help: .hidden) var extra: [String] = []
    @Flag(name: .long, help: "Read the password from standard input; one line ending is removed.") var stdin = false
    @Option(name: .long, help: "The cost, from 10 to 15.") var cost = 12
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() async throws {
        try SecretArguments.refuse(extra)
        guard (10...15).contains(cost) else { throw CommandFailure(.usage, "--cost takes a number from 10 to 15.") }
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
            throw CommandFailure(.usage, "Without a terminal nothing asks: use --stdin.")
        }
        defer { prompt.finish() }
        let password = try prompt.secret("Password: ")
        guard try prompt.secret("The same again: ") == password else {
            throw CommandFailure(.refused, "The two entries differ. Run it again.")
        }
        return password
    }
}
