-- Who may see what. Nobody has a right on the users' table or to write the log. What may be called stands with each function.
GRANT USAGE ON SCHEMA convonet_admin TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}}, {{selfservice}},
    {{application}}, {{scheduler}};
GRANT SELECT ON convonet_admin.installation, convonet_admin.policy, convonet_admin.as_installed, convonet_admin.frozen_accounts
    TO {{viewer}}, {{operator}}, {{auditor}}, {{supervisor}};
GRANT SELECT ON convonet_admin.installation, convonet_admin.policy TO {{scheduler}};
GRANT SELECT ON convonet_admin.audit_event, convonet_admin.audit_head TO {{auditor}};
GRANT SELECT ON convonet_admin.tokens_not_before, convonet_admin.password_changes, convonet_admin.password_state
    TO {{application}};
