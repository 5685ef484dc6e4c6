internal import AccountPolicy
internal import ArgumentParser
import ConvonetCore
import JSONText
internal import MachineChecks
import PostgresClient
import ProgramStart
import SchemaMaintenance
import TerminalKit

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the setup, and say how to fix problems.",
        discussion: """
            Checks settings, connection, rights, the database and this machine. Run it as the user, and with the settings, \
            of those who will use the program. It changes nothing. The exit code is 78 if there is a problem, otherwise 0, \
            even with warnings.

            Example: \(Program.name) doctor --json
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let environment = ProcessEnvironment.current()
        var hasProblem = false
        func report(_ findings: [Finding]) throws(CommandFailure) {
            for finding in findings {
                hasProblem = hasProblem || finding.grade == .problem
                try write(finding)
            }
        }
        let settings = SettingsExamination(
            explicitFile: common.config, named: common.environment, environment: environment)
        try report([settings.finding()])
        let ssh = SSHExamination(
            commands: try? common.settings().sshCommands,
            settingsFile: try? SettingsDocument.path(explicit: common.config, environment: environment),
            environment: environment)
        try report(ssh.findings())
        try await report(databaseFindings(environment))
        try report(MachineExamination(environment: environment).findings())
        if let settings = try? common.settings() {
            let policy = try? await common.session(by: settings).policy
            let list = BreachedListExamination(path: settings.breachedPasswords, policy: policy?.password)
            try report([list.finding()].compactMap { $0 })
        }
        if hasProblem { throw CommandFailure.silent(.configuration) }
    }

    private func databaseFindings(_ environment: [String: String]) async -> [Finding] {
        do {
            let settings = try common.settings()
            let pool = try settings.pool(environment: environment)
            return await DatabaseExamination(pool, usersTable: settings.database.usersTable).findings()
        } catch is SettingsError {
            // The settings' own finding says it all.
            return [
                Finding(
                    "connection", .problem, "Not tried, because the settings cannot be read.",
                    mend: "Fix the settings first.")
            ]
        } catch {
            return [
                Finding(
                    "connection", .problem, ErrorText.text(of: error),
                    mend: "Correct the address; see “\(Program.name) --help”.")
            ]
        }
    }

    private func write(_ finding: Finding) throws(CommandFailure) {
        guard common.json else {
            let words =
                switch finding.grade {
                case .ok: "ok      "
                case .warning: "WARNING "
                case .problem: "PROBLEM "
                }
            let mend = finding.mend.map { " To fix: \($0)" } ?? ""
            return try Output.line("\(words) \(finding.check): \(Output.indented(finding.message + mend, by: 11))")
        }
        var object = JSONObject()
        object.add("format", JSONForms.format)
        object.add("check", finding.check)
        object.add("result", finding.grade.rawValue)
        object.add("message", finding.message)
        object.add("mend", finding.mend)
        try Output.data(object.text)
    }
}
