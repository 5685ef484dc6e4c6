import AuditVerification
import Credentials
import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// What a caller has proven is what a change goes by, and never what a program says.
@Suite(.dropsDatabases) struct CallerProofTests {
    private static let giving: [AccountChange.Action] = [
        .generatePassword, .issuePIN, .setPIN(.text("830519")), .clearPIN, .sendPINLink, .setActive(true),
        .setVerified(true),
    ]
    private static let taking: [AccountChange.Action] = [
        .sendResetLink, .revokeResetLinks, .setActive(false), .setVerified(false),
    ]

    @Test func withoutAProofNothingIsGivenByAnyProgram() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("verification_points = 2, verification_methods = '{callback}'")
        let session = try await database.session()
        let person = try await session.person()
        let claims =
            #"{"verified_by": "callback", "points": 9, "detail": "caller=proven", "caller": "proven", "way": "mail_code"}"#
        for action in Self.giving {
            let answer = try await database.sql(TestDatabase.call(action, person, claims: claims), as: .operator)
            #expect(answer == "refused:caller_unproven", "\(action.name)")
        }
        let result = try await session.perform(.issuePIN, on: person, context: ChangeContext(verifiedBy: "callback"))
        #expect(result.rule == "caller_unproven" && result.message?.contains("Send them a code") == true)
        let change = AccountChange(account: person, action: .issuePIN, context: ChangeContext(verifiedBy: "callback"))
        #expect(try await session.changes.rehearse(change).rule == "caller_unproven")
        // What takes something away, or goes to the person's own address, waits for nobody.
        for action in Self.taking {
            let rule = try await session.perform(action, on: person, context: ChangeContext(verifiedBy: "callback"))
                .rule
            #expect(rule != "caller_unproven", "\(action.name)")
        }
    }

    @Test func aProofCountsForItsOperatorPersonAddressAndTime() async throws {
        let database = try await TestDatabase.quick()
        try await database.setPolicy("verification_points = 3, verification_methods = '{callback}'")
        let (session, other) = (try await database.session(), try await database.session(.secondOperator))
        let people = try await session.people(2)
        try await database.prove(people[0], to: session)
        // Proven is more than said: nobody has to say anything.
        #expect(try await session.perform(.issuePIN, on: people[0]).outcome == .done)
        let said = ChangeContext(verifiedBy: "callback")
        #expect(try await other.perform(.issuePIN, on: people[0], context: said).rule == "caller_unproven")
        #expect(try await session.perform(.issuePIN, on: people[1], context: said).rule == "caller_unproven")
        #expect(try await session.perform(.issuePIN, on: people[1]).rule == "verification_required")
        let shift = "UPDATE convonet_admin.caller_code SET proven_at = proven_at"
        try await database.sql("\(shift) - interval '601 seconds'")
        #expect(try await session.perform(.issuePIN, on: people[0], context: said).rule == "caller_unproven")
        #expect(try await session.callers.state(of: people[0]).lacksProof)
        try await database.setPolicy("verification_minutes = 11")
        #expect(try await session.perform(.issuePIN, on: people[0]).outcome == .done)
        try await database.sql("\(shift) + interval '1 day'")
        #expect(try await session.perform(.issuePIN, on: people[0], context: said).rule == "caller_unproven")
        try await database.sql("\(shift) - interval '1 day'")
        try await database.sql("UPDATE users_convonet SET email = 'new@example.org' WHERE id = '\(people[0].idText)'")
        #expect(try await session.perform(.issuePIN, on: people[0], context: said).rule == "caller_unproven")
    }

    @Test func protectedAccountsMayNeedMoreAndAnApprovalKeepsWhatWasProven() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let lead = try await database.session(.supervisor, identity: TestDatabase.secondIdentity)
        let people = try await session.people(2)
        try await database.setPolicy("verification_points_protected = 3")
        try await database.protect(people[0])
        #expect(try await session.perform(.issuePIN, on: people[1]).outcome == .done)
        #expect(try await session.perform(.issuePIN, on: people[0]).rule == "caller_unproven")
        #expect(try await session.callers.state(of: people[0]).needed == 3)
        try await database.prove(people[0], to: session)
        let asked = try await session.perform(.issuePIN, on: people[0])
        #expect(asked.rule == "approval_required")
        let request = try await lead.approvals.request(try #require(asked.receipt?.approval))
        #expect(request.points == 3)
        // The caller has hung up by the time that somebody approves it.
        try await database.sql("UPDATE convonet_admin.caller_code SET proven_at = proven_at - interval '1 hour'")
        let decided = try await lead.approvals.decide(request, .approve, reason: nil).receipt
        #expect(decided.outcome == .done, "\(decided.rule ?? "")")
        #expect(try await session.perform(.generatePassword, on: people[0]).rule == "caller_unproven")
        #expect(try await session.perform(.issuePIN, on: people[0]).outcome == .done)
        #expect(try await session.perform(.issuePIN, on: people[0]).rule == "caller_unproven")
    }

    /// What a caller had proven when somebody approved it is worth nothing for an account that is another's address by now.
    @Test func anApprovalOfWhatChangedSinceProvesNothing() async throws {
        let database = try await TestDatabase.quick()
        let session = try await database.session()
        let lead = try await database.session(.supervisor, identity: TestDatabase.secondIdentity)
        let person = try await session.person()
        try await database.setPolicy("verification_points = 3")
        try await database.protect(person)
        try await database.prove(person, to: session)
        let asked = try await session.perform(.issuePIN, on: person)
        let request = try await lead.approvals.request(try #require(asked.receipt?.approval))
        #expect(try await lead.approvals.decide(request, .approve, reason: nil).receipt.outcome == .done)
        try await database.sql("UPDATE convonet_admin.caller_code SET proven_at = proven_at - interval '1 hour'")
        try await database.sql("UPDATE users_convonet SET email = 'stranger@example.net' WHERE id = '\(person.idText)'")
        let now = try await session.accounts.find("stranger@example.net")
        #expect(try await session.perform(.issuePIN, on: now).rule == "caller_unproven")
        // Nor is it for a request that is made anew.
        try await database.setPolicy("verification_points = 0")
        let again = try await session.perform(.issuePIN, on: now)
        #expect(try await lead.approvals.request(try #require(again.receipt?.approval)).points == nil)
    }

    /// What a person is protected by may lie behind what the log keeps of their address: an approval lends its proof once all the same.
    @Test func anApprovalOfAnAddressThatTheLogCutsLendsItsProofToNothingElse() async throws {
        let database = try await TestDatabase.make(.application)
        try await database.sql("ALTER TABLE users_convonet ALTER COLUMN email TYPE text")
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: TestDatabase.grants))
        let session = try await database.session()
        let lead = try await database.session(.supervisor, identity: TestDatabase.secondIdentity)
        let id = try await session.person().id
        let address = "a@" + String(repeating: "x", count: 385) + ".prot.example" + "z.org"
        try await database.sql("UPDATE users_convonet SET email = '\(address)' WHERE id = '\(id.uuidString)'")
        let person = try #require(try await session.accounts.account(id: id))
        try #require(address.prefix(400).hasSuffix(".prot.example"))
        try await database.setPolicy("verification_points = 3, protected_domains = '{prot.example}'")
        try await database.protect(person)
        // No mail would go there.
        #expect(try await database.sql(TestDatabase.newCode(person), as: .operator) == "done")
        try await database.sql(
            """
            UPDATE convonet_admin.caller_code SET sender_key = sha256('s'), proof_hash = sha256('p'), points = 3,
                proven_at = clock_timestamp(), expires_at = clock_timestamp() + interval '10 minutes'
            """)
        let asked = try await session.perform(.issuePIN, on: person)
        let request = try await lead.approvals.request(try #require(asked.receipt?.approval))
        #expect(try await lead.approvals.decide(request, .approve, reason: nil).receipt.outcome == .done)
        try await database.sql("UPDATE convonet_admin.caller_code SET proven_at = proven_at - interval '1 hour'")
        // What is protected no longer is changed without the approval, and needs a proof of its own.
        try await database.setPolicy("protected_accounts = '{}'")
        for _ in 0..<2 { #expect(try await session.perform(.issuePIN, on: person).rule == "caller_unproven") }
        // A notice goes to no address that was cut.
        try await database.setPolicy("verification_points = 0, notify_changes = true")
        #expect(try await session.perform(.issuePIN, on: person).outcome == .done)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue WHERE kind = 'notice'") == "0")
        let now = try #require(try await session.accounts.account(id: id))
        // A link is for the whole of it.
        #expect(try await database.sql(TestDatabase.call(.sendResetLink, now), as: .operator) == "done")
        #expect(try await database.sql("SELECT address FROM convonet_admin.reset_token") == address)
    }

    @Test func withoutRolesTheClaimedUserTellsOperatorsApart() async throws {
        let database = try await TestDatabase.quick(.migratedWithoutRoles)
        let anna = try await database.session(.owner)
        let carla = try await database.session(.owner, identity: TestDatabase.secondIdentity)
        let person = try await anna.person()
        let key = CallerKey()
        #expect(try await anna.callers.sendCode(to: person, key: key).isDone)
        let desk = SelfServiceDatabase(try database.pool(.owner), application: "tests", host: "web-1")
        guard case .callerCode(let code, _) = try #require(try await desk.nextMail()).content else { return }
        #expect(try await carla.callers.verify(person, code: code.digits, key: key).rule == "code_missing")
        #expect(try await anna.callers.verify(person, code: code.digits, key: key).isDone)
        #expect(try await carla.callers.state(of: person).proof == nil)
    }

    @Test func changesOnSomebodysWordAreFound() async throws {
        let database = try await TestDatabase.quick()
        let (session, auditor) = (try await database.session(), try await database.session(.auditor))
        let people = try await session.people(3)
        #expect(try await session.perform(.issuePIN, on: people[0]).outcome == .done)
        try await database.prove(people[1], to: session)
        #expect(try await session.perform(.issuePIN, on: people[1]).outcome == .done)
        let said = ChangeContext(reason: "caller=proven", ticket: "caller=proven", verifiedBy: "caller=proven")
        #expect(try await session.perform(.generatePassword, on: people[2], context: said).outcome == .done)
        #expect(try await session.perform(.setVerified(false), on: people[2]).outcome == .done)
        let found = try await auditor.audit.newest(matching: AuditSelection(isUnproven: true), limit: 10)
        #expect(found.map(\.accountID) == [people[2].id, people[0].id])
        #expect(found.map(\.callerWords) == ["said, and not proven", nil])
    }
}
