internal import ArgumentParser
import ConvonetCore
import FoundationEssentials
internal import JSONText
import ProgramStart

struct AuditShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one event in full.", discussion: "Example: \(Program.name) audit show 42")

    @Argument(help: "Receipt number or event id.") var event: String
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let reference: AuditLog.Reference
        if let number = Int(event) {
            reference = .sequence(number)
        } else if let id = UUID(uuidString: event) {
            reference = .id(id)
        } else {
            throw CommandFailure(.usage, "Give a receipt number or an event id.")
        }
        guard let found = try await common.session().audit.event(reference) else {
            throw CommandFailure(.refused, "There is no event \(event). See “\(Program.name) audit list”.")
        }
        if common.json {
            try Output.data(found.json.text)
        } else {
            try Output.data(TextForms.event(found))
        }
    }
}
