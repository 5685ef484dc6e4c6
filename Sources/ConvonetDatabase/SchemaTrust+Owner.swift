import PostgresClient

extension SchemaTrust {
    /// Why the owner of the schema `n` is none to trust, in SQL; NULL where it is: the owner that `migrate` makes, a superuser,
    /// or whoever asks. A role of the server's own, such as pg_database_owner, has members that no catalogue shows.
    ///
    /// Somebody who could act as that owner would have put what they like into it, and the programs call its functions.
    static let ownerFault: Statement = """
        (SELECT CASE
             WHEN r.rolsuper OR r.rolname = current_user THEN NULL
             WHEN r.rolcanlogin
             THEN format('it belongs to %s, another user who can sign in. If that is your application''s user, or it was '
                         || 'restored from a backup, run migrate as %1$s', r.rolname)
             WHEN r.oid < 16384 OR r.rolname NOT LIKE '%owner'
             THEN format('it belongs to %s, a role that this program did not create', r.rolname)
             ELSE (
                 SELECT CASE m.rolname WHEN r.rolname
                     THEN format('it belongs to %s, which must not be a member of %s: %s', r.rolname, g.rolname,
                                 \(Statement(trusted: revocation("b"))))
                     ELSE format('it belongs to %s, and %s can act as that role. If this program created it, run first: %s',
                                 r.rolname, m.rolname, \(Statement(trusted: revocation("b")))) END
                 FROM pg_auth_members b JOIN pg_roles m ON m.oid = b.member JOIN pg_roles g ON g.oid = b.roleid
                 WHERE r.oid IN (b.roleid, b.member) AND \(Statement(trusted: usable("b")))
                     AND NOT (m.rolname = current_user OR m.rolsuper)
                 ORDER BY m.rolname, g.rolname LIMIT 1)
             END
         FROM pg_roles r WHERE r.oid = n.nspowner)
        """

    /// Whether a membership can be used, or lets its holder grant themselves one that can. Since PostgreSQL 16 whoever makes a
    /// role, which takes CREATEROLE, has one of the second kind: that counts of others alone.
    package static func usable(_ alias: String) -> String {
        "(current_setting('server_version_num')::integer < 160000 "
            + "OR coalesce((to_jsonb(\(alias)) ->> 'set_option')::boolean, true) "
            + "OR coalesce((to_jsonb(\(alias)) ->> 'inherit_option')::boolean, true) "
            + "OR \(alias).admin_option AND NOT EXISTS (SELECT FROM pg_roles h WHERE h.oid = \(alias).member "
            + "AND (h.rolcreaterole OR h.rolsuper OR h.rolname = current_user)))"
    }

    /// The statement that ends a membership. Since PostgreSQL 16 REVOKE ends what one role granted, which has to be named unless it
    /// is whoever revokes, and only together with what its holder granted.
    package static func revocation(_ alias: String) -> String {
        "(format('REVOKE %I FROM %I', pg_get_userbyid(\(alias).roleid), pg_get_userbyid(\(alias).member)) "
            + "|| CASE WHEN current_setting('server_version_num')::integer < 160000 THEN '' "
            + "ELSE format(' GRANTED BY %I CASCADE', pg_get_userbyid(\(alias).grantor)) END)"
    }
}
