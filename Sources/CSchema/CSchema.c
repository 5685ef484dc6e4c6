/* The files in Steps and in Sources/ConvonetSchema/SQL, each with a zero behind it. The compiler of C takes them in as they are;
   as an array of Swift's they took it half a minute. */

#include "CSchema.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* What leads from the version before to each: tables, types and data, which stay. */

static const char step_1[] = {
#embed "Steps/v1_tables.sql" suffix(, 0, )
#embed "Steps/v1_log.sql" suffix(, 0, )
#embed "Steps/v1_types.sql" suffix(, 0, )
};

static const char step_2[] = {
#embed "Steps/v2_authority.sql" suffix(, 0, )
#embed "Steps/v2_self_service.sql" suffix(, 0, )
};

static const char step_4[] = {
#embed "Steps/v4_hand.sql" suffix(, 0, )
#embed "Steps/v4_links.sql" suffix(, 0, )
};

static const char step_5[] = {
#embed "Steps/v5_events.sql" suffix(, 0, )
};

static const char step_6[] = {
#embed "Steps/v6_refusals.sql" suffix(, 0, )
};

static const char step_7[] = {
#embed "Steps/v7_callers.sql" suffix(, 0, )
};

static const char step_8[] = {
#embed "Steps/v8_calls.sql" suffix(, 0, )
};

static const char step_9[] = {
#embed "Steps/v9_codes.sql" suffix(, 0, )
#embed "Steps/v9_undo.sql" suffix(, 0, )
#embed "Steps/v9_temporary.sql" suffix(, 0, )
#embed "Steps/v9_reports.sql" suffix(, 0, )
#embed "Steps/v9_pin_links.sql" suffix(, 0, )
#embed "Steps/v9_approver_mail.sql" suffix(, 0, )
#embed "Steps/v9_text_codes.sql" suffix(, 0, )
};

static const char step_10[] = {
#embed "Steps/v10_breached.sql" suffix(, 0, )
};

static const char step_11[] = {
#embed "Steps/v11_metrics.sql" suffix(, 0, )
};

/* The functions of the schema's owner, which every version replaces by its own. */
static const char functions[] = {
#embed "../ConvonetSchema/SQL/action_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/visibility_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/event_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/log_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/direct_change_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/authority_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/version_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/caller_proof_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/caller_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/approval_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/counter_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/refusal_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/attempt_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/carry_out_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/password_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/voice_pin_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/state_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/session_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/undo_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/operator_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/policy_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/self_request_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/self_attempt_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/self_link_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/self_password_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/reset_code_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/temporary_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/freeze_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/mail_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/approver_mail_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/pin_link_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/mail_queue_functions.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/report_functions.sql" suffix(, 0, )
};

static const char hand_functions[] = {
#embed "../ConvonetSchema/SQL/hand_functions.sql" suffix(, 0, )
};

static const char reader_functions[] = {
#embed "../ConvonetSchema/SQL/reader_functions.sql" suffix(, 0, )
};

/* Those first that others read. */
static const char views[] = {
#embed "../ConvonetSchema/SQL/accounts_view.sql" suffix(, 0, )
#embed "../ConvonetSchema/SQL/account_search_views.sql" suffix(, 0, )
};

static const char teams_view[] = {
#embed "../ConvonetSchema/SQL/teams_view.sql" suffix(, 0, )
};

static const char owner_views[] = {
#embed "../ConvonetSchema/SQL/owner_views.sql" suffix(, 0, )
};

static const char grants[] = {
#embed "../ConvonetSchema/SQL/grants.sql" suffix(, 0, )
};

static const char table_definitions[] = {
#embed "../ConvonetSchema/SQL/table_definitions.txt" suffix(, 0, )
};

#define FILES(array) ((struct convonet_files){array, sizeof(array)})

struct convonet_files convonet_step(int version)
{
    switch (version) {
    case 1: return FILES(step_1);
    case 2: return FILES(step_2);
    case 4: return FILES(step_4);
    case 5: return FILES(step_5);
    case 6: return FILES(step_6);
    case 7: return FILES(step_7);
    case 8: return FILES(step_8);
    case 9: return FILES(step_9);
    case 10: return FILES(step_10);
    case 11: return FILES(step_11);
    default: return (struct convonet_files){0, 0};
    }
}

struct convonet_files convonet_functions(void) { return FILES(functions); }
struct convonet_files convonet_hand_functions(void) { return FILES(hand_functions); }
struct convonet_files convonet_reader_functions(void) { return FILES(reader_functions); }
struct convonet_files convonet_views(void) { return FILES(views); }
struct convonet_files convonet_teams_view(void) { return FILES(teams_view); }
struct convonet_files convonet_owner_views(void) { return FILES(owner_views); }
struct convonet_files convonet_grants(void) { return FILES(grants); }
struct convonet_files convonet_table_definitions(void) { return FILES(table_definitions); }
