internal import ArgumentParser

struct ConsoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "console", abstract: "Opens the console; what happens without a command.")

    @Flag(name: .customLong("read-only"), help: "Offer no changes.") var readOnly = false
    @Option(name: .long, help: ArgumentHelp("Settings file.", valueName: "file")) var config: String?

    func run() async throws {
        throw CommandFailure(.defect, "The console is not built yet.")
    }
}
