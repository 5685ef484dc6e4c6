internal import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read, export, follow and verify the log of changes.",
        discussion: "Example: \(Program.name) audit list --account anna@example.org --limit 10",
        subcommands: [
            AuditListCommand.self, AuditShowCommand.self, AuditExportCommand.self, AuditVerifyCommand.self,
            AuditCheckpointCommand.self, AuditFollowCommand.self,
        ],
        defaultSubcommand: AuditListCommand.self)
}
