"""Which suites touch which file of SQL functions: those that are about what it does."""

CALLERS = "CallerCodeTests CallerAuthorityTests CallerProofTests TextCodeTests OthersCodeTests"
CHANGES = "AccountChangeTests StateChangeTests IssuedPINTests TypedPINTests FailureTests"
HOSTILE = "HostileOwnerTests HostileCommitTests HardeningTests PlantedTableTests LeftPathTests OpenTransactionTests"
LIMITS = "AuthorityLimitTests BudgetTests OwnCountersTests CounterTests"
LINKS = "ResetLinkTests RevokedLinkTests SelfServiceAuthorityTests SelfServiceOutcomeTests SelfServicePolicyTests"
LOG = "AuditChainTests AuditEvidenceTests AuthorityTests AnchorTests ManyWritersTests"
MAILS = "MailQueueTests HeldMailTests MailOverflowTests UndoNoticeTests ResetLinkTests"
REQUESTS = "RequestIDTests ReplayTests RequestWordsTests SeenAccountTests RehearsalTests"

TOUCHING = {
    "action_functions": CHANGES,
    "approval_functions": "ApprovalTests ReportedApprovalTests ApproverMailTests ProtectionTests RequestIDTests LentRightsTests",
    "approver_mail_functions": "ApproverMailTests",
    "attempt_functions": f"{REQUESTS} {CHANGES} TicketPatternTests CallerProofTests JudgedPolicyTests FreezeTests ApprovalTests",
    "authority_functions": f"{LIMITS} AuthorityTests ProtectionTests LentRightsTests OpenTransactionTests HostileCommitTests "
                           "SignOutTests",
    "caller_functions": CALLERS,
    "caller_proof_functions": CALLERS,
    "carry_out_functions": f"{CHANGES} {HOSTILE} RehearsalTests ReplayTests",
    "counter_functions": f"{LIMITS} RefusalBudgetTests IssuedPINTests TypedPINTests",
    "direct_change_functions": "DirectChangeTests DirectDeleteTests WatchEvasionTests WatchedPartitionTests WatchReplicationTests",
    "event_functions": f"{LOG} AccountChangeTests AuditSearchTests OddNamesTests SessionTests HardeningTests",
    "freeze_functions": "FreezeTests ReportTests ReportedApprovalTests OldPasswordTests UndoTests",
    "hand_functions": f"{HOSTILE} {CHANGES} SeenAccountTests PartitionedTableTests",
    "log_functions": f"{LOG} HardeningTests HostileOwnerTests",
    "mail_functions": f"{MAILS} {LINKS}",
    "mail_queue_functions": f"{MAILS} ReportTests ResetCodeTests",
    "operator_functions": f"{LIMITS} AuthorityTests LentRightsTests AccountChangeTests",
    "password_functions": "AccountChangeTests SecretsTests TemporaryPasswordTests JudgedPolicyTests FailureTests",
    "pin_link_functions": "PINLinkTests PINLinkAuthorityTests",
    "policy_functions": "PolicyReadingTests AuthorityTests TicketPatternTests SelfServicePolicyTests ProtectionTests "
                        "TicketExampleTests",
    "reader_functions": "ProtectionTests TextCodeTests DossierTests HardeningTests",
    "refusal_functions": f"{CHANGES} RefusalBudgetTests RequestIDTests RefusalTextTests",
    "report_functions": "ReportTests ReportedApprovalTests FreezeTests",
    "reset_code_functions": "ResetCodeTests ResetCodeAuthorityTests",
    "self_attempt_functions": f"{LINKS} OldPasswordTests RefusalBudgetTests ReportTests",
    "self_link_functions": LINKS,
    "self_password_functions": f"{LINKS} OldPasswordTests",
    "self_request_functions": f"{LINKS} MailOverflowTests",
    "session_functions": "SignOutTests SessionTests",
    "state_functions": "StateChangeTests PINLinkTests ResetLinkTests RevokedLinkTests",
    "temporary_functions": "TemporaryPasswordTests ExpiryTests",
    "undo_functions": "UndoTests UndoNoticeTests",
    "version_functions": "SeenAccountTests ReadOnlyTests SessionTests",
    "visibility_functions": "DirectoryTests SessionTests AccountChangeTests",
    "voice_pin_functions": "IssuedPINTests TypedPINTests PINLinkTests",
}


def suites(file):
    """Their names, as a filter takes them."""
    return "|".join(dict.fromkeys(TOUCHING[file].split()))
