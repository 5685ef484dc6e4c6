public import ConvonetCore
import ConvonetDatabase
import PostgresClient

/// The exit codes, from sysexits(3).
public enum ExitStatus: Int32, Sendable {
    /// Done.
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
    /// The system has no threads, memory or open files left for this process.
    case systemShortage = 71
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
    public init(_ outcome: ChangeResult.Outcome) {
        self =
            switch outcome {
            case .done, .wouldDo: .done
            case .refused: .refused
            case .conflict: .tryAgain
            case .failed: .unavailable
            case .unknown: .unknown
            }
    }

    /// The code for an error that either program can meet; nil for any other.
    public init?(known error: any Error) {
        switch error {
        case is SettingsError: self = .configuration
        case let error as AdminError: self = Self.status(of: error)
        default: return nil
        }
    }

    private static func status(of error: AdminError) -> ExitStatus {
        switch error {
        case .accountUnknown, .accountAmbiguous: .noAccount
        case .notPermitted: .notPermitted
        case .invalidPolicy, .credential, .eventUnknown, .approvalUnknown, .receiptUnknown: .refused
        case .database(.server(let refusal)) where refusal.sqlState.isTransient: .tryAgain
        case .database(.invalidConnectionString), .database(.insecureConnection): .configuration
        case .database(.cannotConnect(let failure)):
            switch failure.cause {
            case .authentication, .notAdmitted, .identityUnproven: .notPermitted
            case .noPassword(let fault) where fault.isLasting: .configuration
            case .databaseMissing, .tlsUnsupported, .tlsNotVerified, .serviceUnknown, .userUnnamed, .invalidParameter,
                .otherProduct:
                .configuration
            default: .unavailable
            }
        case .outcomeUnknown, .database(.notReplicated), .database(.commitUnanswered): .unknown
        case .database(.cancelled): .interrupted
        case .database: .unavailable
        case .invalidTableName, .usersTableMissing, .schemaMissing, .schemaNotTrusted, .schemaDetached, .peopleHidden,
            .schemaOlder,
            .schemaNewer, .rowsHidden, .serverTooOld, .cannotMigrate:
            .configuration
        }
    }
}
