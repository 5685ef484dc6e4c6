import ConvonetCore
import ConvonetDatabase
import PostgresClient

extension DatabaseExamination {
    /// Whether callers' codes can go to telephones, where a program sends them (`send_code`) or the site's view of numbers is there.
    static func textCodes(
        _ connection: PostgresConnection, _ installation: Installation, _ mail: MailState
    ) async throws -> [Finding] {
        let (view, schema) = (installation.usersTable.phoneNumbers, installation.usersTable.schema)
        let rows = try await connection.query(
            """
            SELECT v.oid IS NOT NULL, pg_get_userbyid(p.proowner), coalesce(has_table_privilege(p.proowner, v.oid, 'SELECT'), false),
                   coalesce(has_schema_privilege(p.proowner, v.relnamespace, 'USAGE'), false),
                   (SELECT count(*) FROM pg_attribute a
                    WHERE a.attrelid = v.oid AND NOT a.attisdropped
                      AND (a.attname = 'account_id' AND a.atttypid = 'uuid'::regtype OR a.attname = 'number')) = 2,
                   EXISTS (SELECT FROM pg_roles o WHERE o.oid = v.relowner AND (o.rolsuper OR o.oid = (
                       SELECT u.relowner FROM pg_class u WHERE u.oid = \(installation.usersTable.catalogued))))
            FROM pg_proc p
            LEFT JOIN pg_class v ON v.oid = \(view.catalogued)
            WHERE p.oid = to_regprocedure('convonet_admin.reader_phone_number(uuid)')
            """, limit: .seconds(10))
        guard let row = rows.first else { return [] }
        let (isThere, reader) = (try row.bool(0), try row.text(1))
        guard isThere || mail.sendsTexts else { return [] }
        // Where nothing sends, nobody misses it.
        func problem(_ message: String, _ mend: String) -> [Finding] {
            [Finding("text-codes", mail.sendsTexts ? .problem : .warning, message, mend: mend)]
        }
        if !isThere {
            return problem(
                "convonet-self-service sends codes to telephones (send_code), but there is no view \(view).",
                "Create the view of telephone numbers (docs/SELF-SERVICE.md, “Codes to a telephone”).")
        }
        // Somebody else's is not read, as is said of it already.
        guard try row.bool(5) else { return [] }
        if try !row.bool(4) {
            return problem(
                "\(view) needs the columns account_id (uuid) and number.",
                "Create the view anew (docs/SELF-SERVICE.md, “Codes to a telephone”).")
        }
        let role = QualifiedName.quote(reader)
        if try !row.bool(3) {
            return problem(
                "\(reader) cannot use the schema of \(view), so no code goes to a telephone.",
                "As the schema's owner: GRANT USAGE ON SCHEMA \(QualifiedName.quote(schema)) TO \(role);")
        }
        if try !row.bool(2) {
            return problem(
                "\(reader) cannot read \(view), so no code goes to a telephone.",
                "As the view's owner: GRANT SELECT ON \(view.quoted) TO \(role);")
        }
        return [
            Finding(
                "text-codes",
                mail.sendsTexts
                    ? "Codes can go to telephones: \(reader) can read \(view)."
                    : "\(reader) can read \(view), but no convonet-self-service with send_code is running.")
        ]
    }
}
