internal import AdminConsole
internal import ConsoleParts
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import ProgramStart
import SSHAccess

/// Opens databases for the console: the first one, and in the same way each that is gone over to.
struct ConsoleOpener: Sendable {
    var settings: Settings
    let variables: [String: String]
    let isReadOnly: Bool

    /// Opens the database of the settings.
    func open() async throws -> Opening {
        let session = try await AdminSession.open(
            try settings.pool(environment: variables), operator: .current(environment: variables),
            application: Program.identity, anchor: SystemLog(), passwords: settings.passwords,
            firstPage: ConsoleProgram.firstPage)
        var context = ConsoleContext(
            session, environment: settings.database.label, readOnly: isReadOnly,
            allowsSuspend: settings.allowsSuspend, ringsBell: settings.ringsBell, isLinear: settings.isLinear,
            idleTime: settings.idleTime, alphabet: settings.alphabet)
        context.environments = environments
        return Opening(session, context)
    }

    /// Those of the settings file as it was when the program started.
    private var environments: Environments {
        let labels = settings.databases.compactMap(\.label)
        guard !labels.isEmpty else { return .none }
        let refusal = settings.variable.map {
            "\($0) names the database, so that there is no other. Start the console without it, or with --environment."
        }
        return Environments(labels, refusal: refusal) { name in
            do {
                var other = self
                other.settings = try settings.entering(name)
                return .success(try await other.open())
            } catch {
                return .failure(OpeningFailure(Self.words(for: error)))
            }
        }
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as AdminError: error.inConsole
        case let error as SettingsError: error.description
        default: ErrorText.text(of: error)
        }
    }
}
