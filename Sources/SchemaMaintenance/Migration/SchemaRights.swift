import ConvonetSchema

/// SQL that gives everything in our schema its owner and exactly the rights meant, whatever default privileges, a restore or
/// somebody's hand made of them.
enum SchemaRights {
    /// Drops every function that is not replaced where it stands: none of ours, or one that was called otherwise.
    static let dropFunctions = """
        DO $$
        DECLARE
            dropped regprocedure;
        BEGIN
            FOR dropped IN SELECT p.oid FROM pg_proc p
                           WHERE p.pronamespace = 'convonet_admin'::regnamespace AND \(FunctionSignature.isNoneOfOurs) LOOP
                EXECUTE format('DROP ROUTINE %s', dropped);
            END LOOP;
        END
        $$;
        """

    /// Takes every right on what the current role owns here from everybody else, and options and row-level security off its
    /// tables: an event trigger of the site may have turned that on.
    static let takeAll = """
        DO $$
        DECLARE
            statement text;
        BEGIN
            FOR statement IN
                WITH own AS (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user),
                granted (kind, name, owner, grantee) AS (
                    SELECT 'SCHEMA', quote_ident(n.nspname), n.nspowner, a.grantee
                    FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'convonet_admin'
                    UNION SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner,
                           a.grantee
                    FROM pg_class c, aclexplode(c.relacl) a
                    WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v', 'S')
                    UNION SELECT 'TABLE', c.oid::regclass::text, c.relowner, a.grantee
                    FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
                    WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind IN ('r', 'v')
                    UNION SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner, a.grantee
                    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                    WHERE p.pronamespace = 'convonet_admin'::regnamespace
                    -- Whoever has a column of a type of ours keeps us from changing it.
                    UNION SELECT 'TYPE', t.oid::regtype::text, t.typowner, a.grantee
                    FROM pg_type t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) a
                    WHERE t.typnamespace = 'convonet_admin'::regnamespace AND t.typtype = 'c')
                SELECT format('REVOKE ALL ON %s %s FROM %s CASCADE', g.kind, g.name,
                              CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
                FROM granted g WHERE g.owner = (SELECT oid FROM own) AND g.grantee <> g.owner
                UNION ALL
                SELECT format('ALTER TABLE %s RESET (%s%s)', c.oid::regclass, CASE o.oid WHEN c.reltoastrelid THEN 'toast.' END,
                              quote_ident(split_part(option, '=', 1)))
                FROM pg_class c JOIN pg_class o ON o.oid IN (c.oid, c.reltoastrelid), unnest(o.reloptions) option
                WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r' AND c.relowner = (SELECT oid FROM own)
                UNION ALL
                SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', c.oid::regclass)
                FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace AND c.relkind = 'r'
                    AND c.relowner = (SELECT oid FROM own) AND (c.relrowsecurity OR c.relforcerowsecurity)
            LOOP
                EXECUTE statement;
            END LOOP;
        END
        $$;
        """

    /// Undoes everything where row-level security is on all the same, as by an event trigger that runs at each ALTER TABLE.
    static let requireNoRowSecurity = """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'convonet_admin'::regnamespace
                       AND (c.relrowsecurity OR c.relforcerowsecurity)) THEN
                RAISE EXCEPTION 'row-level security was turned on' USING ERRCODE = 'CA010';
            END IF;
        END $$;
        """

    /// Makes the guards of the log anew, whatever somebody made of them.
    static let enableGuards = """
        DROP TRIGGER IF EXISTS append_only ON convonet_admin.audit_event;
        DROP TRIGGER IF EXISTS append_only ON convonet_admin.audit_head;
        DROP TRIGGER IF EXISTS moves_on ON convonet_admin.audit_head;
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON convonet_admin.audit_event
            FOR EACH STATEMENT EXECUTE FUNCTION convonet_admin.refuse_change();
        CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON convonet_admin.audit_head
            FOR EACH STATEMENT EXECUTE FUNCTION convonet_admin.refuse_change();
        CREATE TRIGGER moves_on BEFORE UPDATE ON convonet_admin.audit_head
            FOR EACH ROW EXECUTE FUNCTION convonet_admin.check_head();
        ALTER TABLE convonet_admin.audit_event ENABLE ALWAYS TRIGGER append_only;
        ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER append_only;
        ALTER TABLE convonet_admin.audit_head ENABLE ALWAYS TRIGGER moves_on;
        """
}
