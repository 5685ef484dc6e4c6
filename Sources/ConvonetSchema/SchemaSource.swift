import AccountPolicy
import CSchema
import ConvonetCore
package import ConvonetDatabase
import Credentials
import PostgresClient
import SearchText

/// The SQL of the schema, as this program carries it.
package enum SchemaSource {
    /// The files that lead from the version before to each version, in order: tables, types and data, which stay.
    private static let steps: [Int: [[UInt8]]] = Dictionary(
        uniqueKeysWithValues: (1...SchemaVersion.current).map { ($0, files(convonet_step(Int32($0)))) })

    /// The functions of the schema's owner, which every version replaces by its own.
    package static let functions = files(convonet_functions())

    /// How all functions of the schema are called.
    package static let signatures = (functions + [handFunctions, readerFunctions]).flatMap(FunctionSignature.all)

    /// The functions of the hand.
    package static let handFunctions = files(convonet_hand_functions())[0]

    /// The functions of the reader.
    package static let readerFunctions = files(convonet_reader_functions())[0]

    /// The files that lead from an installed version, 0 where there is none, to this program's: what stays.
    package static func steps(from installed: Int) -> [[UInt8]] {
        // By the versions that there are: what an installation says of itself is whatever somebody wrote there.
        steps.filter { $0.key > installed }.sorted { $0.key < $1.key }.flatMap(\.value)
    }

    /// The tables that an installation of a version has.
    package static func tables(upTo version: Int) -> [String] {
        steps.filter { $0.key <= version }.sorted { $0.key < $1.key }.flatMap(\.value).reduce(into: []) {
            tables, file in
            let text = String(decoding: file, as: UTF8.self)
            tables += text.matches(of: #/CREATE (?:UNLOGGED )?TABLE convonet_admin\.(\w+)/#).map { String($0.1) }
            for renamed in text.matches(of: #/ALTER TABLE convonet_admin\.(\w+) RENAME TO (\w+)/#) {
                tables.removeAll { $0 == renamed.1 }
                tables.append(String(renamed.2))
            }
        }
    }

    /// What the steps from an installed version make in the schema, by name: nothing of that name may be there before them.
    package static func names(from installed: Int) -> [String] {
        steps(from: installed).flatMap { file in
            let text = String(decoding: file, as: UTF8.self)
            let made = text.matches(
                of: #/CREATE (?:UNLOGGED )?(?:TABLE|TYPE|SEQUENCE|VIEW) convonet_admin\.(\w+)(%s)?/#)
            let others = text.matches(of: #/(?:CREATE (?:UNIQUE )?INDEX|RENAME TO) (\w+)(?: ON|;)/#)
            let names = made.flatMap { match in
                match.2 == nil ? [String(match.1)] : (0..<64).map { "\(match.1)\($0)" }
            }
            return (names + others.map { String($0.1) }).filter {
                !text.contains("DROP INDEX IF EXISTS convonet_admin.\($0);")
            }
        }
    }

    /// The views of people, those first that others read; and the one that is there only with the application's teams.
    package static let views = files(convonet_views())
    package static let teamsView = files(convonet_teams_view())[0]
    /// The views that are the owner's own.
    package static let ownerViews = files(convonet_owner_views())[0]
    package static let grants = files(convonet_grants())[0]
    static let tableDefinitions = String(decoding: files(convonet_table_definitions())[0], as: UTF8.self)

    /// Files as the compiler took them in.
    private static func files(_ files: convonet_files) -> [[UInt8]] {
        UnsafeRawBufferPointer(start: files.bytes, count: files.length).split(separator: 0).map(Array.init)
    }

    /// The names of the views that files make, in their order.
    package static func viewNames(in files: [[UInt8]]) -> [String] {
        files.flatMap { file in
            String(decoding: file, as: UTF8.self).matches(of: #/CREATE OR REPLACE VIEW convonet_admin\.(\w+)/#)
                .map { String($0.1) }
        }
    }

    /// A file without its grants, which come when every right was taken, and where there are roles at all.
    package static func definitions(_ text: String) -> String { lines(of: text) { !$0.hasPrefix("GRANT ") } }

    /// The grants of a file, each a line.
    package static func grants(_ text: String) -> String { lines(of: text) { $0.hasPrefix("GRANT ") } }

    private static func lines(of text: String, where isWanted: (Substring) -> Bool) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).filter(isWanted).joined(separator: "\n")
    }

    /// The file's text with its tokens, such as `{{users}}`, replaced.
    package static func text(_ file: [UInt8], users: QualifiedName, roles: RoleNames?) -> String {
        var text = String(decoding: file, as: UTF8.self)
            .replacing("{{users}}", with: users.quoted)
            .replacing("{{users_number}}", with: users.number)
            .replacing("{{memberships}}", with: users.memberships.quoted)
            .replacing("{{teams}}", with: users.teams.quoted)
            .replacing("{{require_memberships}}", with: required(users.memberships, of: users))
            .replacing("{{require_phone_numbers}}", with: required(users.phoneNumbers, of: users))
            .replacing("{{phone_numbers}}", with: users.phoneNumbers.quoted)
            .replacing("{{search_key}}", with: SearchFold.sqlKeyOfAnybody)
            .replacing("{{search_pieces}}", with: SearchPieces.sql(of: SearchFold.sqlKey(table: "a")))
            .replacing("{{look}}", with: look)
            .replacing("{{looked}}", with: looked)
            .replacing("{{undo}}", with: undo)
            .replacing("{{without_text}}", with: withoutText)
            .replacing("{{forget_settings}}", with: forgetSettings)
            .replacing("{{column_updates}}", with: WrittenColumn.updates(of: users, touching: touched))
            .replacing("{{stored_column}}", with: WrittenColumn.stored)
            .replacing("{{taken}}", with: WrittenColumn.rulesOfTaken)
            .replacing("{{touched}}", with: touched)
            .replacing("{{password_rules}}", with: PolicyReading.versionSQL)
            .replacing("{{version}}", with: AccountVersion.sql)
            .replacing("{{version_names}}", with: AccountVersion.names)
            .replacing("{{sign_in}}", with: AccountVersion.signIn)
            .replacing("{{external_marker}}", with: AccountVersion.externalMarker)
            .replacing("{{settings_now}}", with: PinnedSettings.now)
            .replacing("{{settings_kept}}", with: "\(forgetPrepared)\n        \(PinnedSettings.guardStatement)")
            .replacing("{{forget_prepared}}", with: forgetPrepared)
            .replacing("{{own_numbers}}", with: ownNumbers)
            .replacing("{{nothing_else_owned}}", with: roles == nil ? "NULL;" : nothingElseOwned)
            .replacing("{{unread_columns}}", with: WatchedColumns.unread(of: "p_table"))
            .replacing("{{as_hand}}", with: running(as: roles?.hand))
            .replacing("{{as_reader}}", with: running(as: roles?.reader))
            .replacing("{{no_temporary_objects}}", with: noTemporaryObjects)
            .replacing("{{actions}}", with: ActionRules.sql)
            .replacing("{{log_end}}", with: LogEnd.query)
            .replacing("{{event_hash}}", with: LogEnd.hash)
            .replacing("{{ends_tokens}}", with: ToldRows.endsTokens)
            .replacing("{{tokens_count_from}}", with: ToldRows.tokensCountFrom)
            .replacing("{{token_ends}}", with: ToldRows.tokenEnds)
            .replacing("{{undone_receipt}}", with: UndoableChange.receiptSQL(ofDetail: "p_detail"))
            .replacing("{{told_rows}}", with: ToldRows.differences)
            .replacing("{{report_note}}", with: QualifiedName.literal(AccountObstacles.Freeze.reportNote))
            .replacing("{{client_rules}}", with: ClientRule.all.map(QualifiedName.literal).joined(separator: ", "))
        if [handFunctions, readerFunctions].contains(file) {
            text = text.replacing("\nEND\n$$;", with: "\n\(leaving)\nEND\n$$;")
        }
        text.replace(#/\{\{lower:(.*?)\}\}/#) { LetterCase.lower(String($0.1)) }
        if let roles {
            for kind in RoleNames.Kind.allCases {
                text = text.replacing("{{\(kind.rawValue)}}", with: QualifiedName.quote(roles.name(kind)))
            }
        }
        return text
    }

    /// The beginning of a block of PL/pgSQL that only reads; `undo` is its end.
    private static let look = """
        DECLARE
                has_looked pg_catalog.bool;
            BEGIN
        """

    /// The end of what such a block reads: its subtransaction is undone, and what variables were given stays. Where the application's
    /// code raised that code, nothing was read.
    private static let looked = """
        has_looked := true;
                RAISE EXCEPTION USING ERRCODE = 'CA099';
            EXCEPTION
                WHEN SQLSTATE 'CA099' THEN
                    \(forgetPrepared)
                    IF has_looked IS NULL THEN
                        RAISE EXCEPTION 'the application''s table could not be read or written' USING ERRCODE = '38000';
                    END IF;
        """

    private static let undo = """
        \(looked)
                \(withoutText)
            END;
        """

    /// By which codes functions of the hand and the reader say what went wrong, and the words of anything else.
    private static let said = SQLState.own
        .filter { [.sessionNotClean, .settingChanged, .writtenAtTheEnd, .belongsToHand].contains($0.state) }
        .map { (state: $0.state.code, words: $0.messages[0]) }
    private static let unsaid = "the application''s table could not be read or written"

    private static let saidStates = said.map { "'\($0.state)'" }.joined(separator: ", ")
    private static let saidWords = said.map { "WHEN '\($0.state)' THEN '\($0.words)'" }.joined(separator: " ")

    /// Branches of a block's EXCEPTION: of an error of the application's code its SQLSTATE is kept alone, for its text can hold a hash
    /// or a PIN; and not even that where it is one by which our functions say something, or the server of itself or the connection.
    /// Two kinds of errors are none of OTHERS.
    private static let withoutText = """
        WHEN query_canceled THEN
                    \(forgetPrepared)
                    RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled';
                WHEN OTHERS OR assert_failure THEN
                    \(forgetPrepared)
                    RAISE EXCEPTION USING ERRCODE = CASE
                        WHEN SQLSTATE IN (\(saidStates)) THEN SQLSTATE
                        WHEN SQLSTATE = 'P0002' OR left(SQLSTATE, 2) IN ('CA', '08', '25', '28', '3D', '3F')
                            OR left(SQLSTATE, 2) = '57' AND SQLSTATE <> '57014' THEN '38000'
                        ELSE SQLSTATE END, MESSAGE = CASE SQLSTATE
                        \(saidWords)
                        ELSE '\(unsaid)' END;
        """

    /// Forgets what this statement left under a name by which a session finds it, as code of the application's can in place of the
    /// session's own, and no rollback takes back: what was prepared by SQL, and cursors, but for one that a loop walks through.
    private static let forgetPrepared = """
        IF EXISTS (SELECT FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql \(isNew("s.prepare_time")))
                            OR EXISTS (SELECT FROM pg_catalog.pg_cursor() c WHERE c.name OPERATOR(pg_catalog.<>) '' \(isNew("c.creation_time"))) THEN
                        DECLARE forgetting pg_catalog.text; BEGIN
                            FOR forgetting IN
                                SELECT pg_catalog.format('DEALLOCATE %I', s.name) FROM pg_catalog.pg_prepared_statement() s WHERE s.from_sql \(isNew("s.prepare_time"))
                                UNION ALL SELECT pg_catalog.format('CLOSE %I', c.name) FROM pg_catalog.pg_cursor() c WHERE true \(isNew("c.creation_time")) LOOP
                                BEGIN EXECUTE forgetting; EXCEPTION WHEN OTHERS THEN NULL; END;
                            END LOOP;
                        END;
                    END IF;
        """

    private static func isNew(_ time: String) -> String {
        "AND \(time) OPERATOR(pg_catalog.>=) pg_catalog.statement_timestamp()"
    }

    /// The last branch of each function of the hand and the reader: a handler can fail, too, or be cancelled before its first
    /// statement. Then all is forgotten, without a look at what there is. What these functions say themselves, in these words, they say
    /// before such code ran, or once they have forgotten.
    private static let leaving = """
        EXCEPTION WHEN OTHERS OR query_canceled OR assert_failure THEN
            IF SQLERRM NOT IN ('another role', 'canceled', '\(said.map(\.words).joined(separator: "', '"))', '\(unsaid)') THEN
                DEALLOCATE ALL;
            END IF;
            RAISE;
        """

    /// The last act of a change: code of the application's may have set whatever it likes for the session, and hidden it behind a
    /// value for the transaction. Nothing may be looked up after it.
    private static let forgetSettings = "RESET ALL;"

    /// A statement of PL/pgSQL that fails where a table or view beside the users' table is not there, or belongs to somebody else than
    /// the users' table does, and than a superuser. Only its owner can put another in its place after that.
    private static func required(_ name: QualifiedName, of users: QualifiedName) -> String {
        """
        IF NOT EXISTS (SELECT FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                           WHERE c.oid = to_regclass(\(QualifiedName.literal(name.quoted))) AND (o.rolsuper OR c.relowner = (
                               SELECT u.relowner FROM pg_class u WHERE u.oid = to_regclass(\(QualifiedName.literal(users.quoted)))))) THEN
                    RAISE EXCEPTION 'somebody else''s' USING ERRCODE = 'insufficient_privilege';
                END IF;
        """
    }

    /// How many numbers the current transaction and its subtransactions have been given; looked up in pg_catalog alone.
    private static let ownNumbers = """
        (SELECT pg_catalog.count(*) FROM pg_catalog.pg_lock_status() l
                           WHERE l.locktype OPERATOR(pg_catalog.=) 'transactionid'
                             AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid())
        """

    /// A statement of PL/pgSQL that fails where code of the application's, which runs as the hand, has left something that is
    /// the hand's: a function with its rights, or default privileges.
    private static let nothingElseOwned = """
        IF EXISTS (SELECT FROM pg_shdepend d
                           WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
                             AND d.refobjid = to_regrole(quote_ident(current_user))
                             AND d.dbid = (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())
                             AND CASE d.classid
                                 WHEN 'pg_proc'::regclass THEN (SELECT p.pronamespace FROM pg_proc p WHERE p.oid = d.objid)
                                 WHEN 'pg_class'::regclass THEN (SELECT c.relnamespace FROM pg_class c WHERE c.oid = d.objid)
                                 END IS DISTINCT FROM 'convonet_admin'::regnamespace) THEN
                    RAISE EXCEPTION 'something else belongs to the hand' USING ERRCODE = 'CA011';
                END IF;
        """

    private static let touched = "updated_at = greatest(clock_timestamp(), u.updated_at + interval '1 microsecond')"

    /// A statement of PL/pgSQL that fails where the session has temporary objects.
    private static let noTemporaryObjects = """
        IF pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0 THEN
                IF EXISTS (SELECT FROM pg_catalog.pg_class c
                           WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
                        OR EXISTS (SELECT FROM pg_catalog.pg_type t
                                   WHERE t.typnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()) THEN
                    RAISE EXCEPTION 'temporary objects' USING ERRCODE = 'CA002';
                END IF;
            END IF;
        """

    /// Statements of PL/pgSQL that fail where a function does not run as the role that it belongs to, or the session has temporary
    /// objects: code of the application's that names a table without its schema would find those first, and they can hold somebody
    /// else's code.
    private static func running(as role: String?) -> String {
        guard let role else { return noTemporaryObjects }
        return """
            IF current_user OPERATOR(pg_catalog.<>) \(QualifiedName.literal(role)) THEN
                    RAISE EXCEPTION 'another role' USING ERRCODE = 'insufficient_privilege';
                END IF;
                \(noTemporaryObjects)
            """
    }
}
