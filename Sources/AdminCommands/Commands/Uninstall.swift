import ConvonetCore
import ProgramStart
import SchemaMaintenance
import TerminalKit

/// Removes the schema after its log was written to a file.
struct Uninstall {
    let migrator: Migrator
    let roles: InstalledRoles
    let exportPath: String?
    let label: EnvironmentLabel?
    let yes: Bool

    func run() async throws {
        let log = migrator.log()
        let count = try await log.newest(limit: 1).first?.sequence ?? 0
        guard count == 0 || exportPath != nil else {
            throw CommandFailure(
                .usage, "The log has \(count) events, which would be lost. Save them with --export FILE.")
        }
        let found = try await roles.find()
        let names = found.areProven ? found.names : []
        Output.say("- Remove the schema convonet_admin with its log (\(count) events).")
        if !names.isEmpty {
            Output.say(
                "- Remove the roles \(names.joined(separator: ", ")), except those that another database uses or that you may "
                    + "not drop.")
        }
        if !found.areProven, !found.names.isEmpty {
            Output.say(
                "- Leave the roles \(found.names.joined(separator: ", ")): everything belongs to a superuser, so nothing proves that "
                    + "they are this installation's. Drop them afterwards, if nobody needs them.")
        }
        Output.say("- Leave the application's tables as they are.")
        try Confirmation.ask("Do this?", in: label, yes: yes)
        let exported = if let exportPath { try await export(log, to: exportPath) } else { 0 }
        try await migrator.uninstall(lastEvent: exported)
        let left = try await roles.existing(names)
        if !left.isEmpty {
            Output.say(
                "These roles were kept, because something else depends on them or you may not drop them: "
                    + "\(left.joined(separator: ", ")).")
        }
    }

    /// Returns the number of the last event that was written.
    private func export(_ log: AuditLog, to path: String) async throws -> Int {
        let sink = try DataSink(path: path)
        let summary = try await AuditExport().write(log, to: sink)
        Output.say("Log (\(summary.events) events) written to \(sink.isFile ? path : "standard output").")
        return summary.newest
    }
}
