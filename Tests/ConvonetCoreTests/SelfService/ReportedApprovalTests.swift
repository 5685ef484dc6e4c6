import ConvonetCore
import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

/// A report and a request for approval of the same account at the same moment.
@Suite(.dropsDatabases) struct ReportedApprovalTests {
    /// The request waits for something that somebody holds, and has let the account go by then.
    @Test(arguments: ["operator_slot", "audit_head"])
    func noRequestFromBeforeOutlivesTheReport(held: String) async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        try await database.protect(person)
        let mail = try await database.link(to: person.email, desk)
        let waits = "wait_event_type = 'Lock' AND usename IN ('test_operator', 'test_selfservice')"
        try await database.superuserPool().withOwnConnection { holder in
            try await holder.begin(.readCommitted, limit: .seconds(30))
            try await holder.run(script: "SELECT FROM convonet_admin.\(held) FOR UPDATE", limit: .seconds(30))
            async let asking = staff.perform(.signOut, on: person)
            try await eventually("the request waits") { try await database.sessions(where: waits) == 1 }
            async let reporting = desk.report(mail.token, from: "192.0.2.7", request: UUID())
            if held == "operator_slot" {
                #expect(try await reporting?.receipt.outcome == .done)
            } else {
                try await eventually("the report waits, too") { try await database.sessions(where: waits) == 2 }
            }
            await holder.rollback()
            #expect(try await reporting?.receipt.outcome == .done)
            #expect(try await asking.rule == (held == "operator_slot" ? "frozen" : "approval_required"))
        }
        #expect(
            try await database.sql("SELECT count(*) FROM convonet_admin.approval WHERE expires_at > clock_timestamp()")
                == "0")
        #expect(try await staff.perform(.signOut, on: person).rule == "frozen")
    }

    /// A request that the report passed over, since somebody held it just then, ends with the freeze at the latest.
    @Test func whatTheReportPassedOverEndsWithTheFreeze() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let supervisor = try await database.session(.supervisor, identity: TestDatabase.secondIdentity)
        let person = try await staff.person()
        try await database.protect(person)
        let mail = try await database.link(to: person.email, desk)
        let approval = try #require(try await staff.perform(.signOut, on: person).receipt?.approval)
        #expect(try await desk.report(mail.token, from: "192.0.2.7", request: UUID())?.receipt.outcome == .done)
        // As it is where the row was locked.
        try await database.sql(
            "UPDATE convonet_admin.approval SET state = 'requested', expires_at = clock_timestamp() + interval '1 hour'"
        )
        let lifted = try await supervisor.perform(
            .setFrozen(false), on: person, context: ChangeContext(reason: "spoke to them"))
        #expect(lifted.outcome == .done)
        let decided = try await supervisor.approvals.decide(
            try await supervisor.approvals.request(approval), .approve, reason: "seen")
        #expect(decided.receipt.rule == "approval_expired")
    }
}
