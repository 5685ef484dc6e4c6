import FoundationEssentials
import PostgresClient
import SelfServiceCore
import TestDatabase
import Testing

@testable import ConvonetCore

/// Who is told of a reset that was taken back: whoever's new password or PIN was good for longer than a moment.
@Suite(.dropsDatabases) struct UndoNoticeTests {
    private struct Scene: Sendable {
        let database: TestDatabase
        let (desk, staff): (SelfServiceDatabase, AdminSession)
        let person: Account
        let receipt: Int

        init() async throws {
            database = try await TestDatabase.quick()
            try await database.setPolicy("notify_changes = true")
            desk = try database.selfService()
            staff = try await database.session()
            person = try await staff.person()
            receipt = try await database.reset(person, .issuePIN, by: staff)
        }

        /// As long ago as is said.
        func resetWas(ago: String) async throws {
            try await database.sql(
                "UPDATE convonet_admin.mail_queue SET created_at = created_at - interval '\(ago)' WHERE action <> 'undo'"
            )
        }

        /// Takes it back in a transaction that stays open meanwhile.
        func undo(heldOpenWhile body: @Sendable () async throws -> Void) async throws {
            let now = try #require(try await staff.accounts.account(id: person.id))
            try await database.pool(.operator).withConnection { holder in
                try await holder.run(
                    script: """
                        BEGIN; SELECT convonet_admin.undo_change(
                            '\(now.idText)', '\(now.version)', \(receipt), gen_random_uuid(), '{}')
                        """, limit: .seconds(10))
                try await body()
                try await holder.run(script: "COMMIT", limit: .seconds(10))
            }
            #expect(try await database.outcomes(of: "undo") == "done")
        }

        func notices() async throws -> [String] {
            var actions: [String] = []
            while let mail = try await desk.nextMail() {
                if case .notice(let action, _) = mail.content { actions.append(action) }
                try await desk.end(mail, as: .sent)
            }
            return actions
        }
    }

    @Test func anUndoThatStaysOpenHidesNoUse() async throws {
        let scene = try await Scene()
        try await scene.undo {
            let told = try await scene.notices()
            #expect(told == ["issue_voice_pin"])
        }
        #expect(try await scene.notices() == ["undo"])
    }

    /// No mail program is there until it is over; by the log's times the reset lasted a moment.
    @Test func norWhereNoMailGoesOutMeanwhile() async throws {
        let scene = try await Scene()
        try await scene.undo { try await scene.resetWas(ago: "2 minutes") }
        #expect(try await scene.notices() == ["issue_voice_pin", "undo"])
    }

    @Test func nobodyIsToldOfAMoment() async throws {
        let scene = try await Scene()
        try await scene.undo {}
        #expect(try await scene.notices() == [])
        #expect(try await scene.database.sql("SELECT DISTINCT state FROM convonet_admin.mail_queue") == "void")
    }

    /// Whoever may have had the first mail gets the second.
    @Test func whoMayHaveBeenToldIsToldOfItsEnd() async throws {
        let scene = try await Scene()
        _ = try #require(try await scene.desk.nextMail())
        #expect(try await scene.staff.perform(.undo(receipt: scene.receipt), on: scene.person).outcome == .done)
        #expect(try await scene.notices() == ["undo"])
        // The program that took the first is gone.
        try await scene.database.sql(
            "UPDATE convonet_admin.mail_queue SET next_try_at = now() WHERE action <> 'undo'")
        #expect(try await scene.notices() == ["issue_voice_pin"])
    }

    @Test func aMailThatCannotBeSentHasNoSecond() async throws {
        let scene = try await Scene()
        try await scene.desk.end(try #require(try await scene.desk.nextMail()), as: .failed)
        #expect(try await scene.staff.perform(.undo(receipt: scene.receipt), on: scene.person).outcome == .done)
        #expect(try await scene.notices() == [])
    }

    /// What was kept while more was allowed is not taken back once less is.
    @Test func whatIsNoLongerAllowedEndsAtOnce() async throws {
        let database = try await TestDatabase.quick()
        let staff = try await database.session()
        let person = try await staff.person()
        let receipt = try await database.reset(person, .issuePIN, by: staff)
        let length =
            "SELECT round(extract(epoch FROM u.expires_at - u.occurred_at) / 60) FROM convonet_admin.undoable_changes"
        let minutes = "\(length)('\(person.idText)', '{}') u"
        #expect(try await database.sql(minutes, as: .operator) == "15")
        for allowed in [5, 60] {
            try await database.sql(
                "SELECT convonet_admin.set_policy('{\"undo_minutes\": \(allowed)}', gen_random_uuid(), '{}')",
                as: .supervisor)
            #expect(try await database.sql(minutes, as: .operator) == "5")
        }
        try await database.setPolicy("undo_minutes = 0")
        #expect(try await staff.changes.undoable(of: person).isEmpty)
        #expect(try await staff.perform(.undo(receipt: receipt), on: person).rule == "undo_expired")
    }
}
