import AuditVerification
import ConvonetCore
import Credentials
import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

/// Whoever gets a mail of ours about something that they know nothing of.
@Suite(.dropsDatabases) struct ReportTests {
    private struct Scene {
        let database: TestDatabase
        let (desk, staff, supervisor): (SelfServiceDatabase, AdminSession, AdminSession)
        let person: Account

        init() async throws {
            database = try await TestDatabase.quick()
            try await database.setPolicy("notify_changes = true")
            desk = try database.selfService()
            (staff, supervisor) = (try await database.session(), try await database.session(.supervisor))
            person = try await staff.person()
        }

        func report(_ mail: QueuedMail) async throws -> SelfServiceResult? {
            try await desk.report(mail.token, from: "192.0.2.7", request: UUID())
        }

        func tell() async throws -> String {
            try await database.sql(
                "SELECT concat_ws(' ', cutoffs, freezes) FROM convonet_admin.told_rows()", as: .viewer)
        }
    }

    /// What it ended no page shows: whoever has one open from before has to look again.
    @Test func aPageFromBeforeDoesNotGoOnAfterIt() async throws {
        let scene = try await Scene()
        _ = try await scene.staff.perform(.generatePassword, on: scene.person)
        let notice = try #require(try await scene.desk.nextMail())
        let seen = try #require(try await scene.staff.accounts.account(id: scene.person.id))
        #expect(try await scene.report(notice)?.receipt.outcome == .done)
        let lifted = try await scene.supervisor.perform(
            .setFrozen(false), on: scene.person, context: ChangeContext(reason: "spoke to them"))
        #expect(lifted.outcome == .done)
        let result = try await scene.staff.changes.perform(AccountChange(account: seen, action: .signOut))
        #expect(result.outcome == .conflict && result.rule == "account_changed")
    }

    @Test func itEndsLinksCodesAndTokensAndFreezesTheAccount() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
        let notice = try #require(try await scene.desk.nextMail())
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.person).outcome == .done)
        let link = try #require(try await scene.desk.nextMail())
        #expect(try await scene.staff.perform(.issueResetCode, on: scene.person).outcome == .done)
        let hash = try await scene.database.stored("password_hash", of: scene.person)
        #expect(try await scene.database.stored("voice_pin", of: scene.person) != "NULL")

        #expect(try await scene.report(notice)?.receipt.outcome == .done)
        #expect(try await scene.desk.holder(of: link.token) == nil)
        #expect(
            try await scene.database.sql("SELECT count(*) FROM convonet_admin.open_reset_codes()") == "0")
        #expect(try await scene.desk.signedInPerson(scene.person.id, tokenIssuedAt: 0) == nil)
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).rule == "frozen")
        let freeze = try await scene.supervisor.accounts.dossier(of: scene.person.id).obstacles.get().freeze
        #expect(freeze?.note == "the person reported: that was not me")
        // The PIN that the mail told of was read to somebody else; the password is the person's own.
        #expect(try await scene.database.stored("voice_pin", of: scene.person) == "NULL")
        #expect(try await scene.database.stored("password_hash", of: scene.person) == hash)
        #expect(try await scene.tell() == "0 0")
        #expect(try await scene.supervisor.approvals.pending().reports == 1)

        // Once, and a supervisor lifts it.
        #expect(try await scene.report(notice) == nil)
        #expect(try await scene.supervisor.perform(.setFrozen(false), on: scene.person).rule == "report_unanswered")
        let found = ChangeContext(reason: "called back: a mistake of ours")
        #expect(
            try await scene.supervisor.perform(.setFrozen(false), on: scene.person, context: found).outcome == .done)
        #expect(try await scene.supervisor.approvals.pending().reports == 0)
        #expect(try await scene.tell() == "0 0")
        #expect(try await scene.report(link)?.receipt.outcome == .done)
        #expect(try await scene.database.outcomes(of: "report_not_me") == "done, done")
        #expect(try await scene.database.session(.auditor).audit.verify().problem == nil)
    }

    /// What a supervisor wrote is not replaced, and what a caller had proven is gone.
    @Test func aNoteThatIsThereStays() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.person).outcome == .done)
        let link = try #require(try await scene.desk.nextMail())
        let note = ChangeContext(reason: "call security")
        #expect(try await scene.supervisor.perform(.setFrozen(true), on: scene.person, context: note).outcome == .done)
        #expect(try await scene.report(link)?.receipt.outcome == .done)
        #expect(try await scene.database.sql("SELECT note FROM convonet_admin.account_freeze") == "call security")
        #expect(try await scene.supervisor.approvals.pending().reports == 1)
        #expect(try await scene.tell() == "0 0")
    }

    @Test func nobodyElseCanReport() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.person).outcome == .done)
        // Before the mail is on its way, and by a token that nobody was sent.
        #expect(try await scene.desk.report(ResetToken(), from: "192.0.2.7", request: UUID()) == nil)
        let link = try #require(try await scene.desk.nextMail())
        for user in [TestDatabase.User.operator, .supervisor, .auditor, .viewer, .stranger] {
            let words = await scene.database.refusal(
                of: "SELECT convonet_admin.self_report(sha256('a'), gen_random_uuid(), '{}')", as: user)
            #expect(words?.contains("permission denied") == true, "\(user)")
        }
        // A week is over.
        try await scene.database.sql("UPDATE convonet_admin.mail_queue SET created_at = now() - interval '8 days'")
        #expect(try await scene.report(link) == nil)
        #expect(try await scene.database.sql("SELECT count(*) FROM convonet_admin.account_freeze") == "0")
    }

    /// Whoever cannot sign in can say so, too.
    @Test func somebodyInactiveReports() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.person).outcome == .done)
        let link = try #require(try await scene.desk.nextMail())
        try await scene.database.sql("UPDATE users_convonet SET is_active = false")
        #expect(try await scene.report(link)?.receipt.outcome == .done)
        #expect(try await scene.database.sql("SELECT count(*) FROM convonet_admin.account_freeze") == "1")
    }

    /// A button that is pressed twice, and on two instances.
    @Test func severalAtOnceAreOne() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
        let mail = try #require(try await scene.desk.nextMail())
        let done = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await scene.database.selfService().report(mail.token, from: "192.0.2.7", request: UUID()) != nil
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(done == 1)
        #expect(try await scene.database.outcomes(of: "report_not_me") == "done")
    }

    /// Strangers who use up what all may ask for together keep nobody from it.
    @Test func aReportIsHeldToNoTotal() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
        let mail = try #require(try await scene.desk.nextMail())
        try await scene.database.setPolicy("self_service_total_limit = 1")
        #expect(try await scene.desk.admit(.request, from: "192.0.2.1") == nil)
        #expect(try await scene.desk.admit(.request, from: "192.0.2.2", with: ResetToken()) != nil)
        #expect(try await scene.desk.admit(.request, from: "192.0.2.7", with: mail.token) == nil)
    }

    /// What staff set ends with the report of the mail that told of it, unless something came after it.
    @Test func whatStaffSetStopsWorking() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).outcome == .done)
        let first = try #require(try await scene.desk.nextMail())
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).outcome == .done)
        let second = try #require(try await scene.desk.nextMail())
        let hash = try await scene.database.stored("password_hash", of: scene.person)
        #expect(try await scene.report(first)?.receipt.outcome == .done)
        #expect(try await scene.database.stored("password_hash", of: scene.person) == hash)
        #expect(try await scene.report(second)?.receipt.outcome == .done)
        let ended = try await scene.database.stored("password_hash", of: scene.person)
        #expect(ended != hash && ended.hasPrefix("$2b$10$") && ended.utf8.count == 60)
        #expect(
            try await scene.database.sql(
                "SELECT string_agg(coalesce(substring(detail FROM 'ended=\\d+'), '-'), ' ' ORDER BY sequence) FROM convonet_admin.audit_event WHERE action = 'report_not_me'"
            ) == "- ended=2")
        #expect(try await scene.database.session(.auditor).audit.verify().problem == nil)
    }

    /// Somebody who read the mail, or got a code read out, and uses it first: each mail about that ends what came of it.
    @Test(arguments: ["the link", "the change"], ["a PIN link", "a link", "a code"])
    func whatSomebodyElseSetByALinkStopsWorking(told: String, way: String) async throws {
        let scene = try await Scene()
        let (desk, person) = (scene.desk, scene.person)
        let column = way == "a PIN link" ? "voice_pin" : "password_hash"
        let change: AccountChange.Action =
            way == "a code" ? .issueResetCode : way == "a link" ? .sendResetLink : .sendPINLink
        let result = try await scene.staff.perform(change, on: person)
        let first = try #require(try await desk.nextMail())
        let before = try await scene.database.stored(column, of: person)
        switch way {
        case "a PIN link": #expect(try await desk.issuePIN(by: first.token, from: "192.0.2.9", request: UUID()) != nil)
        default:
            let token = way == "a code" ? ResetToken() : first.token
            if let code = result.newSecret {
                #expect(try await desk.enter(code, person.email, token: token)?.receipt.outcome == .done)
            }
            let hash = try newHash()
            #expect(try await desk.resetPassword(by: token, to: hash, from: "192.0.2.9", request: UUID()) != nil)
        }
        let second = try #require(try await desk.nextMail())
        #expect(try await scene.database.stored(column, of: person) != before)
        #expect(try await scene.report(told == "the link" ? first : second)?.receipt.outcome == .done)
        let ended = try await scene.database.stored(column, of: person)
        if column == "voice_pin" { #expect(ended == "NULL") } else { #expect(ended.hasPrefix("$2b$10$")) }
        let detail =
            "SELECT substring(detail FROM 'ended=\\d+') FROM convonet_admin.audit_event ORDER BY sequence DESC LIMIT 1"
        #expect(try await scene.database.sql(detail).hasPrefix("ended="))
        #expect(try await scene.tell() == "0 0")
        #expect(try await scene.database.session(.auditor).audit.verify().problem == nil)
    }

    /// What was taken back, or was about something else, saves nothing that staff have set.
    @Test(arguments: [AccountChange.Action.generatePassword, .issuePIN])
    func whatWasTakenBackSavesNothing(later: AccountChange.Action) async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).outcome == .done)
        let mail = try #require(try await scene.desk.nextMail())
        let slip = try await scene.database.reset(scene.person, later, by: scene.staff)
        #expect(try await scene.staff.perform(.undo(receipt: slip), on: scene.person).outcome == .done)
        let hash = try await scene.database.stored("password_hash", of: scene.person)
        #expect(try await scene.report(mail)?.receipt.outcome == .done)
        #expect(try await scene.database.stored("password_hash", of: scene.person) != hash)
    }

    /// What the application changed is its own, also where the log does not have it yet.
    @Test(arguments: [("is_active = false", true), ("password_hash = 'another'", false)])
    func whatTheApplicationSetStays(change: String, isEnded: Bool) async throws {
        let scene = try await Scene()
        _ = try await Migrator(try scene.database.pool()).migrate(MigrationRequest(watchesDirectChanges: true))
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).outcome == .done)
        let mail = try #require(try await scene.desk.nextMail())
        try await scene.database.sql(
            "UPDATE users_convonet SET \(change) WHERE id = '\(scene.person.idText)'", as: .owner)
        let hash = try await scene.database.stored("password_hash", of: scene.person)
        #expect(try await scene.report(mail)?.receipt.outcome == .done)
        let isKept = try await scene.database.stored("password_hash", of: scene.person) == hash
        #expect(isKept != isEnded)
    }

    /// An operator who tidies and leaves that open.
    @Test func tidyingThatIsLeftOpenKeepsNobodyFromIt() async throws {
        let scene = try await Scene()
        _ = try await scene.staff.callers.sendCode(to: scene.person, key: CallerKey())
        // Of this mail the code goes, and the mail stays.
        let mail = try #require(try await scene.desk.nextMail())
        guard case .callerCode = mail.content else {
            Issue.record("another mail")
            return
        }
        try await scene.database.sql(
            """
            UPDATE convonet_admin.caller_code SET created_at = now() - interval '25 hours';
            UPDATE convonet_admin.mail_queue SET state = 'sent', created_at = now() - interval '25 hours'
            """)
        try await scene.database.pool(.operator).withConnection { holder in
            try await holder.run(script: "BEGIN; SELECT convonet_admin.tidy()", limit: .seconds(10))
            #expect(try await scene.report(mail)?.receipt.outcome == .done)
            await holder.rollback()
        }
    }

    /// The line dropped before the answer came: it is asked for again, and was the first time.
    @Test func anAnswerThatWasLostIsAskedForAgain() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendResetLink, on: scene.person).outcome == .done)
        let mail = try #require(try await scene.desk.nextMail())
        let request = UUID()
        let first = try await scene.desk.report(mail.token, from: "192.0.2.7", request: request)
        let again = try await scene.desk.report(mail.token, from: "192.0.2.7", request: request)
        #expect(again?.receipt.isReplayed == true && again?.receipt.sequence == first?.receipt.sequence)
        #expect(try await scene.report(mail) == nil)
        #expect(try await scene.database.outcomes(of: "report_not_me") == "done")
    }

    /// What the person did afterwards is theirs, and is kept.
    @Test func whatCameLaterStays() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.sendPINLink, on: scene.person).outcome == .done)
        let link = try #require(try await scene.desk.nextMail())
        #expect(
            try await scene.desk.issuePIN(by: link.token, from: "192.0.2.9", request: UUID())?.receipt.outcome == .done)
        let notice = try #require(try await scene.desk.nextMail())
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).outcome == .done)
        let pin = try await scene.database.stored("voice_pin", of: scene.person)
        #expect(try await scene.report(notice)?.receipt.outcome == .done)
        #expect(try await scene.report(link)?.receipt.outcome == .done)
        #expect(try await scene.database.stored("voice_pin", of: scene.person) == pin && pin != "NULL")
    }

    /// The application's code may be in the way of that; the account is frozen all the same.
    @Test(arguments: ["P0001", "40001", "40P01", "55P03", "57014"])
    func aTriggerThatKeepsThePasswordKeepsNothingElse(state: String) async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).outcome == .done)
        let mail = try #require(try await scene.desk.nextMail())
        try await scene.database.sql(
            """
            CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION SQLSTATE ''\(state)''; END';
            CREATE TRIGGER keep BEFORE UPDATE ON users_convonet FOR EACH ROW EXECUTE FUNCTION public.keep();
            """, as: .owner)
        let hash = try await scene.database.stored("password_hash", of: scene.person)
        #expect(try await scene.report(mail)?.receipt.outcome == .done)
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).rule == "frozen")
        #expect(try await scene.tell() == "0 0")
        // Which is not spent on that: once nothing is in the way, the same button ends the password.
        try await scene.database.sql("DROP TRIGGER keep ON users_convonet", as: .owner)
        #expect(try await scene.database.stored("password_hash", of: scene.person) == hash)
        #expect(try await scene.report(mail)?.receipt.outcome == .done)
        #expect(try await scene.database.stored("password_hash", of: scene.person) != hash)
        #expect(try await scene.report(mail) == nil)
    }

    /// Code that puts itself off until the commit, again and again, undoes nothing of it either.
    @Test func whatIsPutOffUntilTheCommitUndoesNothing() async throws {
        let scene = try await Scene()
        #expect(try await scene.staff.perform(.generatePassword, on: scene.person).outcome == .done)
        let mail = try #require(try await scene.desk.nextMail())
        try await scene.database.sql(
            """
            CREATE TABLE queue (n int); CREATE TABLE later (n int);
            CREATE FUNCTION public.second() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                'BEGIN INSERT INTO public.later VALUES (1); RETURN NULL; END';
            CREATE FUNCTION public.first() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                'BEGIN SET CONSTRAINTS public.second DEFERRED; INSERT INTO public.queue VALUES (1); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER second AFTER INSERT ON queue DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION public.second();
            CREATE CONSTRAINT TRIGGER first AFTER UPDATE ON users_convonet DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION public.first();
            """, as: .owner)
        #expect(try await scene.report(mail)?.receipt.outcome == .done)
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).rule == "frozen")
        #expect(
            try await scene.database.sql(
                "SELECT detail FROM convonet_admin.audit_event WHERE action = 'report_not_me'"
            ).contains("sqlstate=CA009 kept=1"))
    }

    /// A request for approval carries what the caller had proven when it was made; that was somebody else.
    @Test func whatWasApprovedIsOver() async throws {
        let scene = try await Scene()
        try await scene.database.setPolicy("protected_accounts = ARRAY['\(scene.person.username)']")
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).rule == "approval_required")
        let request = try await scene.database.sql("SELECT max(id) FROM convonet_admin.approval")
        try await scene.database.sql(
            "SELECT convonet_admin.decide_approval(\(request), 'approve', gen_random_uuid(), '{}')", as: .supervisor)
        try await scene.desk.requestLink(to: scene.person.email, from: "192.0.2.1")
        #expect(try await scene.report(try #require(try await scene.desk.nextMail()))?.receipt.outcome == .done)
        let found = ChangeContext(reason: "called back")
        #expect(
            try await scene.supervisor.perform(.setFrozen(false), on: scene.person, context: found).outcome == .done)
        #expect(try await scene.staff.perform(.issuePIN, on: scene.person).rule == "approval_required")
    }
}
