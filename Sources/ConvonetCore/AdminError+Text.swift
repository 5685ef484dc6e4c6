import PostgresClient

extension AdminError: CustomStringConvertible {
    /// What happened and what to do next, as a person reads it; one or two sentences, never with a secret in them.
    public var description: String {
        switch self {
        case .invalidTableName(let name):
            "“\(name)” is no table name. Write it as table or schema.table."
        case .database(let error):
            DatabaseErrorText.text(of: error)
        case .usersTableMissing(let name, let columns) where columns.isEmpty:
            "This database has no table \(name). Check the database's name, or set users_table in the settings."
        case .usersTableMissing(let name, let columns):
            "The table \(name) lacks the column\(columns.count > 1 ? "s" : "") \(columns.joined(separator: ", ")), which the "
                + "application's table of people has. Check the database's name, or set users_table in the settings."
        case .schemaNotTrusted(let reason):
            "This database is not used: \(reason)."
        case .rowsHidden(let table):
            "Row-level security on \(table) hides rows from this database user, so nothing is said about the log: it would "
                + "look empty or cut off. Find out who turned it on; “convonet-admin migrate”, run by the database's owner, "
                + "turns it off (ALTER TABLE \(table) DISABLE ROW LEVEL SECURITY)."
        case .peopleHidden:
            "Row-level security on the application's table of people hides them, so who is there cannot be told. The table's "
                + "owner has to make a policy that shows everybody to the role that reads it; “convonet-admin doctor” says which."
        case .schemaMissing:
            "This database is not set up for convonet-admin. Run “convonet-admin migrate” as the database's owner."
        case .schemaDetached:
            "The console's view was taken away with “migrate --detach”. Run “convonet-admin migrate” to put it back."
        case .schemaOlder(let found, let needed):
            "The schema convonet_admin in this database has version \(found); this program needs \(needed). "
                + "Run “convonet-admin migrate”."
        case .schemaNewer(let found, let known):
            "The schema convonet_admin in this database has version \(found); this program knows only \(known). "
                + "Install the newer convonet-admin."
        case .serverTooOld(let version):
            "The server is PostgreSQL \(version / 10000); convonet-admin needs 13 or newer."
        case .notPermitted(let operation):
            Self.text(of: operation)
        case .accountUnknown(let key):
            "Nobody has the e-mail address, username or id “\(key)”. Try “convonet-admin search”."
        case .accountAmbiguous(let accounts):
            "That names more than one person: "
                + accounts.map { "\($0.fullName) <\($0.email)>, username \($0.username), id \($0.idText)" }
                .joined(separator: "; ") + ". Use the id."
        case .eventUnknown(let number):
            "The log ends before \(number.map { "event \($0)" } ?? "that time"). See “convonet-admin audit list --limit 1”."
        case .approvalUnknown(let number):
            "There is no request \(number). See “convonet-admin approvals --all”."
        case .invalidPolicy(let setting, let reason):
            "The policy's setting “\(setting)”: \(reason)"
        case .outcomeUnknown(let operation):
            "The connection was lost after the change was sent, and it is not known whether it was made. Look with "
                + "“\(Self.lookUp(operation))”."
        case .cannotMigrate(let reason):
            reason
        case .credential(let failure):
            failure.message
        }
    }

    /// The command that shows whether an operation was carried out.
    private static func lookUp(_ operation: Operation) -> String {
        switch operation {
        case .setPolicy: "convonet-admin policy show"
        case .decideApprovals: "convonet-admin approvals --all"
        default: "convonet-admin migrate --print"
        }
    }

    private static func text(of operation: Operation) -> String {
        switch operation {
        case .viewAccounts:
            "This database user may not use convonet-admin. "
                + "Ask the database's owner for “convonet-admin migrate --grant-operator NAME” (or --grant-viewer)."
        case .changeCredentials:
            "This database user may look, but not change anything. "
                + "Ask the database's owner for “convonet-admin migrate --grant-operator NAME”."
        case .readLog:
            "This database user may not read the whole log. "
                + "Ask the database's owner for “convonet-admin migrate --grant-auditor NAME”."
        case .setPolicy:
            "This database user may not change the policy. "
                + "Ask the database's owner for “convonet-admin migrate --grant-supervisor NAME”."
        case .decideApprovals:
            "This database user may not decide what others ask for. "
                + "Ask the database's owner for “convonet-admin migrate --grant-supervisor NAME”."
        case .migrate:
            "This database user may not install or change the schema. Run migrate as the database's owner."
        case .serveSelfService:
            "This database user may not serve self-service. "
                + "Ask the database's owner for “convonet-admin migrate --grant-selfservice NAME”."
        }
    }
}
