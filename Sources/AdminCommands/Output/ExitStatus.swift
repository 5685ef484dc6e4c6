import ConvonetCore
import PostgresClient

/// The exit codes, from sysexits(3).
enum ExitStatus: Int32 {
    case done = 0
    /// The operator answered no.
    case declined = 1
    /// Wrong usage, also `--yes` missing without a terminal.
    case usage = 64
    /// Refused by policy, malformed or absent input, or a broken log.
    case refused = 65
    /// No such account, or more than one.
    case noAccount = 67
    /// The database cannot be reached, or could not write and nothing changed.
    case unavailable = 69
    /// A defect of this program.
    case defect = 70
    /// The outcome is not known, or the result could not be written.
    case unknown = 74
    /// The account changed meanwhile, or busy: try again.
    case tryAgain = 75
    /// Not permitted.
    case notPermitted = 77
    /// Configuration or schema.
    case configuration = 78
    /// Ended by a signal, of which the shell's code is 128 and its number: SIGHUP, SIGINT (or Ctrl-C), SIGQUIT, SIGTERM.
    case hungUp = 129, interrupted = 130, quit = 131, terminated = 143

    /// The code for a change's outcome.
    init(_ outcome: CredentialResult.Outcome) {
        self =
            switch outcome {
            case .done, .wouldDo: .done
            case .refused: .refused
            case .conflict: .tryAgain
            case .failed: .unavailable
            case .unknown: .unknown
            }
    }

    /// The code for an error.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as CommandFailure: error.status
            case is SettingsError: .configuration
            case let error as AdminError: Self.status(of: error)
            default: .defect
            }
    }

    private static func status(of error: AdminError) -> ExitStatus {
        switch error {
        case .accountUnknown, .accountAmbiguous: .noAccount
        case .notPermitted: .notPermitted
        case .invalidPolicy, .credential, .eventUnknown, .approvalUnknown: .refused
        case .database(.server(let refusal)) where refusal.sqlState.isTransient: .tryAgain
        case .database(.invalidConnectionString), .database(.insecureConnection): .configuration
        case .database(.cannotConnect(let failure)):
            switch failure.cause {
            case .authentication, .notAdmitted: .notPermitted
            case .databaseMissing, .tlsUnsupported, .tlsNotVerified: .configuration
            default: .unavailable
            }
        case .outcomeUnknown: .unknown
        case .database(.cancelled): .interrupted
        case .database: .unavailable
        case .invalidTableName, .usersTableMissing, .schemaMissing, .schemaDetached, .schemaOlder, .schemaNewer,
            .serverTooOld, .cannotMigrate:
            .configuration
        }
    }
}

/// An error of a command itself: the words and the code.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    var status: ExitStatus
    var description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }

    /// A signal ended it, and nothing more is to be said.
    static func ended(by signal: Int32) -> CommandFailure {
        .silent(ExitStatus(rawValue: 128 + signal) ?? .terminated)
    }

    /// Nothing more is to be said; only the code matters.
    static func silent(_ status: ExitStatus) -> CommandFailure { CommandFailure(status, "") }
}
