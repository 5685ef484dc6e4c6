-- Who may do what. Nobody has a right on the users' table or to write the log.
GRANT USAGE ON SCHEMA convonet_admin TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}}, {{selfservice}};
GRANT SELECT ON convonet_admin.installation, convonet_admin.policy, convonet_admin.as_installed
    TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
GRANT EXECUTE ON FUNCTION
    convonet_admin.reset_password(uuid, text, text, uuid, jsonb),
    convonet_admin.issue_voice_pin(uuid, text, uuid, jsonb),
    convonet_admin.set_voice_pin(uuid, text, text, uuid, jsonb),
    convonet_admin.clear_voice_pin(uuid, text, uuid, jsonb),
    convonet_admin.set_account_active(uuid, text, boolean, uuid, jsonb),
    convonet_admin.set_account_verified(uuid, text, boolean, uuid, jsonb),
    convonet_admin.record_refusal(uuid, text, text, uuid, jsonb),
    convonet_admin.rehearse_change(text, uuid, text, uuid, jsonb),
    convonet_admin.account_history(uuid, integer),
    convonet_admin.accounts_changed_within(integer),
    convonet_admin.own_recent_events(integer, jsonb)
    TO {{operator}};
GRANT EXECUTE ON FUNCTION convonet_admin.accounts_changed_within(integer) TO {{auditor}};
GRANT SELECT ON convonet_admin.audit_event, convonet_admin.audit_head TO {{auditor}};
GRANT EXECUTE ON FUNCTION
    convonet_admin.set_policy(jsonb, uuid, jsonb),
    convonet_admin.decide_approval(bigint, text, uuid, jsonb)
    TO {{supervisor}};
GRANT EXECUTE ON FUNCTION convonet_admin.approvals(bigint, boolean, boolean, integer)
    TO {{operator}}, {{auditor}}, {{supervisor}};
GRANT EXECUTE ON FUNCTION convonet_admin.account_is_protected(uuid), convonet_admin.people_are_hidden()
    TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
GRANT EXECUTE ON FUNCTION
    convonet_admin.send_reset_link(uuid, text, uuid, jsonb),
    convonet_admin.revoke_reset_links(uuid, text, uuid, jsonb),
    convonet_admin.reset_links(uuid, integer)
    TO {{operator}};
GRANT EXECUTE ON FUNCTION convonet_admin.reset_links(uuid, integer) TO {{auditor}};
GRANT EXECUTE ON FUNCTION convonet_admin.mail_state() TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
GRANT EXECUTE ON FUNCTION
    convonet_admin.self_schema_version(),
    convonet_admin.self_policy(),
    convonet_admin.self_admit(text, text, bytea, boolean),
    convonet_admin.self_request_link(text, text, uuid, jsonb),
    convonet_admin.self_link_holder(bytea),
    convonet_admin.self_reset_password(bytea, text, uuid, jsonb),
    convonet_admin.self_signed_in(uuid),
    convonet_admin.self_check_old_password(uuid, text, uuid, jsonb),
    convonet_admin.self_change_password(uuid, text, text, uuid, jsonb),
    convonet_admin.self_record_refusal(text, uuid, text, uuid, jsonb),
    convonet_admin.self_take_mail(bytea, jsonb),
    convonet_admin.self_end_mail(bigint, integer, text, text),
    convonet_admin.self_tidy()
    TO {{selfservice}};
