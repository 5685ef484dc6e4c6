import ConvonetCore
import FoundationEssentials
import SelfServiceCore
import TestDatabase
import Testing

/// What was revoked never works again, whatever it was when it was revoked.
@Suite(.dropsDatabases) struct RevokedLinkTests {
    private static func use(_ mail: QueuedMail, _ desk: SelfServiceDatabase) async throws -> String? {
        try await desk.resetPassword(by: mail.token, to: try newHash(), from: "192.0.2.1", request: UUID())?.rule
    }

    @Test func aLinkThatAResetMadeOutdatedDoesNotComeBackWithThePassword() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let mail = try await database.link(to: person.email, desk)
        try await desk.end(mail, as: .sent)
        let receipt = try await database.reset(person, .generatePassword, by: staff)
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.outdated])
        #expect(try await staff.perform(.revokeResetLinks, on: person).outcome == .done)
        #expect(try await database.log().last?.detail == "links=1")
        #expect(try await staff.perform(.undo(receipt: receipt), on: person).outcome == .done)
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.revoked])
        #expect(try await Self.use(mail, desk) == "link_void")
    }

    @Test func norDoesOneWhoseAddressComesBack() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let mail = try await database.link(to: person.email, desk)
        let move = { (address: String) in
            "UPDATE users_convonet SET email = '\(address)' WHERE id = '\(person.idText)'"
        }
        try await database.sql(move("elsewhere@example.org"))
        #expect(try await staff.perform(.revokeResetLinks, on: person).outcome == .done)
        try await database.sql(move(person.email))
        #expect(try await Self.use(mail, desk) == "link_void")
    }

    /// Its first mail was lost on the way, and its time was over before the next try.
    @Test func norDoesOneThatIsSentAnew() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        _ = try await database.link(to: person.email, desk)
        try await database.sql(
            """
            UPDATE convonet_admin.reset_token SET expires_at = clock_timestamp();
            UPDATE convonet_admin.mail_queue SET next_try_at = clock_timestamp()
            """)
        #expect(try await staff.perform(.revokeResetLinks, on: person).outcome == .done)
        #expect(try await desk.nextMail() == nil)
    }

    @Test(arguments: ["used_at = clock_timestamp()", "expires_at = clock_timestamp()"])
    func whatIsOverIsNothingToRevoke(how: String) async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        try await desk.end(try await database.link(to: person.email, desk), as: .sent)
        try await database.sql("UPDATE convonet_admin.reset_token SET \(how)")
        #expect(try await staff.perform(.revokeResetLinks, on: person).rule == "no_reset_link")
    }
}
