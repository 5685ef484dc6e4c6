/// The server's settings that a caller may change, and what our functions make of them.
///
/// A caller's setting holds within a function too, unless the function has its own. Each setting that any user may change
/// (`context` is `user` in `pg_settings`) stands in one of the two lists, on every version that has it.
package enum PinnedSettings {
    /// What every function that runs with its owner's rights sets for itself: what alters errors and messages, how text is
    /// read, plans, or what rows are seen. The other values are those that a server begins with, but for `plan_cache_mode`: where
    /// a generic plan is given up for another, the statement is read once more, along a path that code of the application's may
    /// have left while it was planned. Every later version has to know each, or a function that sets it could not be taken over by it.
    package static let values: [(name: String, value: String)] = [
        // A caught error would end the session, with its text, which can hold a row.
        ("exit_on_error", "off"),
        // A warning of the application's code can hold a hash or a PIN.
        ("client_min_messages", "error"), ("log_parameter_max_length_on_error", "0"),
        ("debug_print_parse", "off"), ("debug_print_rewritten", "off"), ("debug_print_plan", "off"),
        ("trace_notify", "off"), ("trace_sort", "off"), ("escape_string_warning", "on"),
        ("standard_conforming_strings", "on"), ("backslash_quote", "safe_encoding"), ("array_nulls", "on"),
        ("transform_null_equals", "off"), ("quote_all_identifiers", "off"), ("DateStyle", "ISO, MDY"),
        ("IntervalStyle", "postgres"), ("TimeZone", "UTC"), ("bytea_output", "hex"), ("extra_float_digits", "1"),
        ("xmlbinary", "base64"), ("xmloption", "content"), ("row_security", "on"),
        ("stats_fetch_consistency", "cache"),
        ("constraint_exclusion", "partition"), ("plan_cache_mode", "force_custom_plan"),
        ("cursor_tuple_fraction", "0.1"),
        ("from_collapse_limit", "8"), ("join_collapse_limit", "8"), ("geqo", "on"), ("geqo_threshold", "12"),
        ("gin_fuzzy_search_limit", "0"), ("jit", "off"), ("max_parallel_workers_per_gather", "0"),
        ("seq_page_cost", "1"), ("random_page_cost", "4"), ("cpu_tuple_cost", "0.01"),
        ("cpu_index_tuple_cost", "0.005"), ("cpu_operator_cost", "0.0025"), ("effective_cache_size", "4GB"),
        ("enable_async_append", "on"), ("enable_bitmapscan", "on"), ("enable_distinct_reordering", "on"),
        ("enable_gathermerge", "on"), ("enable_group_by_reordering", "on"), ("enable_hashagg", "on"),
        ("enable_hashjoin", "on"), ("enable_incremental_sort", "on"), ("enable_indexonlyscan", "on"),
        ("enable_indexscan", "on"), ("enable_material", "on"), ("enable_memoize", "on"), ("enable_mergejoin", "on"),
        ("enable_nestloop", "on"), ("enable_partition_pruning", "on"), ("enable_partitionwise_aggregate", "off"),
        ("enable_partitionwise_join", "off"), ("enable_presorted_aggregate", "on"),
        ("enable_self_join_elimination", "on"), ("enable_seqscan", "on"), ("enable_sort", "on"),
        ("enable_tidscan", "on"),
    ]

    /// What is left to the caller, and why that opens nothing.
    package static let left: [(names: [String], reason: String)] = [
        (
            ["force_parallel_mode", "debug_parallel_query", "restrict_nonsystem_relation_kind", "enable_resultcache"],
            """
            other versions of the server do not know them, and could not take over a function that sets them; parallel plans \
            are switched off otherwise, and the last two forbid or cost the caller something alone
            """
        ),
        (["search_path", "lock_timeout"], "each function has its own, in its definition"),
        (
            [
                "statement_timeout", "transaction_timeout", "idle_in_transaction_session_timeout",
                "idle_session_timeout", "client_connection_check_interval", "tcp_keepalives_count",
                "tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_user_timeout", "wal_sender_timeout",
            ], "they end the caller's statement or session, and everything is undone"
        ),
        (
            [
                "transaction_isolation", "default_transaction_isolation", "transaction_deferrable",
                "default_transaction_deferrable",
            ], "any isolation but READ COMMITTED is refused"
        ),
        (
            ["transaction_read_only", "default_transaction_read_only"],
            "a change within a read-only transaction fails as a whole"
        ),
        (["synchronous_commit"], "it counts at the commit: a crash then loses the change together with its event"),
        (["client_encoding"], "it is applied to what goes out and comes in, not within"),
        (["application_name"], "the log writes it down as a claim"),
        (
            [
                "timezone_abbreviations", "lc_monetary", "lc_numeric", "lc_time", "default_text_search_config",
                "icu_validation_level",
            ],
            "nothing here reads times from text, formats money, numbers or days by a locale, or searches texts that way"
        ),
        (
            [
                "work_mem", "hash_mem_multiplier", "maintenance_work_mem", "logical_decoding_work_mem", "temp_buffers",
                "backend_flush_after", "effective_io_concurrency", "maintenance_io_concurrency", "io_combine_limit",
                "commit_siblings", "synchronize_seqscans", "recursive_worktable_factor", "wal_skip_threshold",
                "file_copy_method",
            ], "memory and speed alone"
        ),
        (
            [
                "max_parallel_workers", "max_parallel_maintenance_workers", "min_parallel_index_scan_size",
                "min_parallel_table_scan_size", "parallel_leader_participation", "parallel_setup_cost",
                "parallel_tuple_cost", "enable_parallel_append", "enable_parallel_hash", "jit_above_cost",
                "jit_expressions", "jit_inline_above_cost", "jit_optimize_above_cost", "jit_tuple_deforming",
                "geqo_effort", "geqo_generations", "geqo_pool_size", "geqo_seed", "geqo_selection_bias",
            ], "what they shape is switched off, or never reached by such small queries"
        ),
        (
            [
                "check_function_bodies", "default_table_access_method", "default_tablespace", "temp_tablespaces",
                "default_toast_compression", "default_statistics_target", "password_encryption", "scram_iterations",
                "md5_password_warnings", "createrole_self_grant", "gin_pending_list_limit", "local_preload_libraries",
                "debug_logical_replication_streaming", "debug_pretty_print",
            ], "nothing is created, prepared or printed within our functions"
        ),
        (
            [
                "vacuum_buffer_usage_limit", "vacuum_cost_delay", "vacuum_cost_limit", "vacuum_cost_page_dirty",
                "vacuum_cost_page_hit", "vacuum_cost_page_miss", "vacuum_failsafe_age", "vacuum_freeze_min_age",
                "vacuum_freeze_table_age", "vacuum_max_eager_freeze_failure_rate", "vacuum_multixact_failsafe_age",
                "vacuum_multixact_freeze_min_age", "vacuum_multixact_freeze_table_age", "vacuum_truncate",
            ], "nothing is vacuumed"
        ),
    ]

    /// Puts the values on every function of the current role that runs with its owner's rights, as far as this server knows
    /// the settings.
    package static let script = """
        DO $$
        DECLARE
            pins   text;
            called regprocedure;
        BEGIN
            SELECT string_agg(format('SET %I TO %L', s.name, v.value), ' ' ORDER BY s.name) INTO pins
            FROM (VALUES \(values.map { "('\($0.name)', '\($0.value)')" }.joined(separator: ", "))) AS v (name, value)
            JOIN pg_settings s ON s.name = v.name AND s.context = 'user';
            FOR called IN SELECT p.oid FROM pg_proc p
                          WHERE p.pronamespace = 'convonet_admin'::regnamespace AND p.prosecdef
                            AND p.proowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) LOOP
                EXECUTE format('ALTER FUNCTION %s %s', called, pins);
            END LOOP;
        END
        $$;
        """

    /// Those by which code of the application's could reach into ours that goes on after it: what names mean, how text is
    /// read, what is told of an error. The others only cost time, and to look at all of them costs more of it.
    private static let guarded: Set = [
        "exit_on_error", "client_min_messages", "debug_print_parse", "debug_print_rewritten", "debug_print_plan",
        "standard_conforming_strings", "backslash_quote", "transform_null_equals", "TimeZone", "row_security",
        "plan_cache_mode",
    ]

    /// Those with other values for everybody, which would outlive the call: how long our own functions, and whatever this session does
    /// next, wait, and under which name. `settings` holds them as they were.
    package static let now: String = {
        let names = [
            "lock_timeout", "statement_timeout", "transaction_timeout", "idle_session_timeout",
            "idle_in_transaction_session_timeout", "application_name",
        ]
        return "pg_catalog.concat_ws('/', "
            + names.map { "pg_catalog.current_setting('\($0)', true)" }.joined(separator: ", ") + ")"
    }()

    /// A statement of PL/pgSQL that fails where one of these is not as it was set any more. Whatever it looks up, it looks
    /// up in pg_catalog, for the path is one of the settings. One query: to read a comparison for each takes twice as long.
    package static let guardStatement: String = {
        let kept = [("search_path", "pg_catalog, pg_temp")] + values.filter { guarded.contains($0.name) }
        return """
            IF settings OPERATOR(pg_catalog.<>) \(now) OR EXISTS (SELECT FROM (VALUES \(kept.map { "('\($0.0)', '\($0.1)')" }.joined(separator: ", "))) AS s (name, value)
                               WHERE pg_catalog.current_setting(s.name, true) OPERATOR(pg_catalog.<>) s.value) THEN
                    RAISE EXCEPTION 'a setting was changed' USING ERRCODE = 'CA004';
                END IF;
            """
    }()
}
