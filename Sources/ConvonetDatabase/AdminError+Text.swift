import Credentials
import PostgresClient

extension AdminError: CustomStringConvertible {
    /// What happened and what to do next, as a person reads it; one or two sentences, never with a secret in them.
    ///
    /// What every front end has a way of its own for, such as a search, is not called by its command or key here: the command
    /// line adds the one (`ErrorHint`), the console the other (`inConsole`).
    public var description: String {
        switch self {
        case .invalidTableName(let name):
            "“\(name)” is not a table name. Write table or schema.table."
        case .database(let error):
            DatabaseErrorText.text(of: error)
        case .usersTableMissing(let name, let columns) where columns.isEmpty:
            "This database has no table \(name). Check the database name, or set users_table in the settings."
        case .usersTableMissing(let name, let columns):
            "The table \(name) has no column\(columns.count > 1 ? "s" : "") \(columns.joined(separator: ", ")). "
                + "Check the database name, or set users_table in the settings."
        case .schemaNotTrusted(let reason):
            "This database cannot be trusted: \(reason)."
        case .rowsHidden(let table):
            "Row-level security on \(table) hides rows from this database user, so the log would look empty or cut off. Find "
                + "out who turned it on. To turn it off, run “convonet-admin migrate” as the database's owner."
        case .peopleHidden:
            "Row-level security on the application's users table hides people, so search results would be wrong. Ask the "
                + "table's owner to create the policy that “convonet-admin doctor” shows."
        case .schemaMissing:
            "This database is not set up for convonet-admin. Run “convonet-admin migrate” as the database's owner."
        case .schemaDetached:
            "The console's views were removed by “migrate --detach”. Run “convonet-admin migrate” to restore them."
        case .schemaOlder(let found, let needed):
            "The schema convonet_admin has version \(found), but this program needs version \(needed). "
                + "Run “convonet-admin migrate” as the database's owner."
        case .schemaNewer(let found, let known):
            "The schema convonet_admin has version \(found), but this program supports only version \(known). "
                + "Install a newer convonet-admin."
        case .serverTooOld(let version):
            "The server runs PostgreSQL \(version / 10000); convonet-admin needs 13 or newer."
        case .notPermitted(let operation):
            Self.text(of: operation)
        case .accountUnknown(let key):
            "No account has the e-mail address, username or id “\(key)”. Search for a part of it."
        case .accountAmbiguous(let accounts):
            "Several accounts match: \(accounts.joined(separator: "; ")). Use the id."
        case .eventUnknown(let number):
            "The log ends before \(number.map { "event \($0)" } ?? "that time")."
        case .receiptUnknown(let number):
            "No reset of a password or PIN has the receipt \(number). Check the number."
        case .approvalUnknown(let number):
            "There is no request \(number). Look at the list of all requests."
        case .invalidPolicy(let setting, let reason):
            "Policy setting “\(setting)”: \(reason)"
        case .outcomeUnknown(let operation, let why):
            (why == .uncommitted
                ? "The database did not confirm the change in time, so it may or may not have been made. It may be waiting for "
                    + "a standby that is away (synchronous_standby_names). "
                : "The connection was lost after the change was sent, so it may or may not have been made. ")
                + Self.lookUp(operation)
                + (why.ending.map { " " + ConnectionEndingText.cause($0) } ?? "")
        case .cannotMigrate(let reason):
            reason
        case .credential(let failure):
            failure.message
        }
    }

    /// What shows whether an operation was carried out.
    private static func lookUp(_ operation: Operation) -> String {
        switch operation {
        case .serveSelfService: "The log says what was done."
        case .setPolicy: "Look at the policy."
        case .decideApprovals: "Look at the list of all requests."
        default: "Check with “convonet-admin migrate --print”."
        }
    }

    private static func text(of operation: Operation) -> String {
        switch operation {
        case .viewAccounts:
            "This database user may not use convonet-admin. "
                + "Ask the database's owner to run “convonet-admin migrate --grant-operator NAME” (or --grant-viewer)."
        case .changeCredentials:
            "This database user may view accounts, but not change them. "
                + "Ask the database's owner to run “convonet-admin migrate --grant-operator NAME”."
        case .readLog:
            "This database user may not read the whole log. "
                + "Ask the database's owner to run “convonet-admin migrate --grant-auditor NAME”."
        case .setPolicy:
            "This database user may not change the policy. "
                + "Ask the database's owner to run “convonet-admin migrate --grant-supervisor NAME”."
        case .decideApprovals:
            "This database user may not approve or deny requests. "
                + "Ask the database's owner to run “convonet-admin migrate --grant-supervisor NAME”."
        case .freezeAccounts:
            "Only supervisors freeze accounts and unfreeze them. Ask one, or ask the database's owner to run “convonet-admin "
                + "migrate --grant-supervisor NAME”."
        case .migrate:
            "This database user may not install or change the schema. Run “convonet-admin migrate” as the database's owner."
        case .serveSelfService:
            "This database user may not run self-service. "
                + "Ask the database's owner to run “convonet-admin migrate --grant-selfservice NAME”."
        case .tidy:
            "This database user may not tidy. "
                + "Ask the database's owner to run “convonet-admin migrate --grant-scheduler NAME”."
        }
    }
}
