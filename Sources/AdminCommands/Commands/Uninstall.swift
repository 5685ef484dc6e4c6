import ConvonetCore
import Glibc
import PostgresClient
import Synchronization

/// Removes the schema after its log was written to a file.
struct Uninstall {
    let pool: PostgresPool
    let migrator: Migrator
    let exportPath: String?
    let yes: Bool

    func run() async throws {
        let session = try await AdminSession.open(
            pool, operator: .current(environment: [:]), application: Program.identity)
        let count = try await session.audit.newest(limit: 1).first?.sequence ?? 0
        guard count == 0 || exportPath != nil else {
            throw CommandFailure(.usage, "The log has \(count) events, which would be lost. Add --export FILE.")
        }
        Output.say("- Removes the schema convonet_admin with its log (\(count) events) and its roles.")
        Output.say("- Leaves the application's tables as they are.")
        try Confirmation.ask("Do this?", yes: yes)
        if let exportPath { try await export(session.audit, to: exportPath) }
        try await migrator.uninstall()
    }

    private func export(_ log: AuditLog, to path: String) async throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                .refused, "\(path) cannot be written: \(String(cString: strerror(errno))). Name a new file.")
        }
        defer { close(descriptor) }
        let isWhole = Mutex(true)
        try await log.forEach { event in
            let line = Array((JSONForms.event(event).text + "\n").utf8)
            if write(descriptor, line, line.count) != line.count { isWhole.withLock { $0 = false } }
        }
        guard isWhole.withLock({ $0 }), fsync(descriptor) == 0 else {
            throw CommandFailure(.refused, "The log could not be written to \(path) as a whole. Nothing was removed.")
        }
        Output.say("The log was written to \(path).")
    }
}
