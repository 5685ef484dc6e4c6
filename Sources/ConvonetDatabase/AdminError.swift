public import Credentials
public import PostgresClient

/// What can stop a request before it has an outcome.
///
/// Every case has its next step; `AdminError+Text.swift` puts both into words, the command line gives each its exit code.
public enum AdminError: Error, Equatable, Sendable {
    /// The name of the users' table cannot be read.
    case invalidTableName(String)
    /// PostgreSQL cannot be reached, or the request failed there.
    case database(PostgresError)
    /// The users' table is not there, or lacks a column.
    case usersTableMissing(String, columns: [String] = [])
    /// The schema `convonet_admin` is not installed in this database.
    case schemaMissing
    /// The view was taken away by `migrate --detach`.
    case schemaDetached
    /// Row-level security of the application's table hides people, so nothing that is found or not says anything.
    case peopleHidden
    /// What stands under the schema's name is not what `migrate` makes, or would run somebody's code; the reason is a clause.
    case schemaNotTrusted(String)
    /// Row-level security hides rows of one of our tables from this database user.
    case rowsHidden(table: String)
    /// The installed schema is older than this program.
    case schemaOlder(found: Int, needed: Int)
    /// The installed schema is newer than this program.
    case schemaNewer(found: Int, known: Int)
    /// The server is older than PostgreSQL 13.
    case serverTooOld(version: Int)
    /// The database user may not do this.
    case notPermitted(Operation)
    /// Nobody has this e-mail address, username or id.
    case accountUnknown(String)
    /// Several people have this for an address or username; each in words.
    case accountAmbiguous([String])
    /// The log does not reach to an event of this number, or to the time asked for.
    case eventUnknown(Int?)
    /// No change of an account has this receipt number.
    case receiptUnknown(Int)
    /// There is no request for approval of this number, or none that this user may see.
    case approvalUnknown(Int)
    /// A setting of the policy that does not exist, or a value that it does not take.
    case invalidPolicy(setting: String, reason: String)
    /// A change was sent, other than of a credential, and it may have been made.
    case outcomeUnknown(Operation, Uncertainty)
    /// Migration cannot go on; the reason carries the next step.
    case cannotMigrate(String)
    /// Bad input about a credential.
    case credential(CredentialFailure)

    /// What is said of a change that ended so where it may have been made; nil where it was not.
    package func leavingOpen(_ operation: Operation) -> AdminError? {
        switch self {
        case .database(.connectionLost(afterSending: true, let ending)): .outcomeUnknown(operation, .lost(ending))
        case .database(.commitUnanswered): .outcomeUnknown(operation, .uncommitted)
        default: nil
        }
    }

    /// Why nobody knows what became of a change.
    public enum Uncertainty: Equatable, Sendable {
        /// The connection was lost, of which it may have been said why.
        case lost(ConnectionEnding?)
        /// The server had carried it out, and did not confirm its commit in time.
        case uncommitted
    }

    /// What somebody may or may not be allowed to do.
    public enum Operation: String, Equatable, Sendable {
        /// See accounts.
        case viewAccounts
        /// Change credentials.
        case changeCredentials
        /// Read the log.
        case readLog
        /// Change the policy.
        case setPolicy
        /// Approve or deny changes of protected accounts.
        case decideApprovals
        /// Keeping everybody from changing an account.
        case freezeAccounts
        /// Install or change the schema.
        case migrate
        /// Carry out what people do for themselves.
        case serveSelfService
        /// End and delete what is over.
        case tidy
    }
}

extension AdminError.Uncertainty {
    /// What ended the connection, where that was said.
    package var ending: ConnectionEnding? { if case .lost(let ending) = self { ending } else { nil } }
}
