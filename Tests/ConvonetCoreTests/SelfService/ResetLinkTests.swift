import AuditVerification
import ConvonetCore
import ConvonetDatabase
import Credentials
import EmbeddedPostgres
import FoundationEssentials
import PostgresClient
import SchemaMaintenance
import SelfServiceCore
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ResetLinkTests {
    @Test func aLinkSetsThePasswordOnce() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let mail = try await database.link(to: person.email, desk)
        #expect(mail.address == person.email)
        #expect(mail.firstName == person.firstName)
        let holder = try #require(try await desk.holder(of: mail.token))
        #expect(holder.person.id == person.id)
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.queued])
        try await desk.end(mail, as: .sent)
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.sent])

        let hash = try newHash()
        let first = try await desk.resetPassword(by: mail.token, to: hash, from: "192.0.2.1", request: UUID())
        #expect(first?.receipt.outcome == .done)
        #expect(try await database.stored("password_hash", of: person) == hash.text)
        #expect(try await desk.holder(of: mail.token) == nil)
        let second = try await desk.resetPassword(by: mail.token, to: try newHash(), from: "192.0.2.1", request: UUID())
        #expect(second?.rule == "link_used")
        #expect(try await database.stored("password_hash", of: person) == hash.text)
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.used])
        #expect(try await database.outcomes(of: "send_reset_link") == "done")
        #expect(try await database.outcomes(of: "reset_password") == "done, refused link_used")
        #expect(
            try await database.sql(
                "SELECT DISTINCT actor_kind, client_address, db_user FROM convonet_admin.audit_event")
                == "self|192.0.2.1|test_selfservice")
        #expect(try await database.session(.auditor).audit.verify().problem == nil)
        #expect(
            try await database.sql(
                """
                SELECT p.password_changed_at = e.occurred_at FROM convonet_admin.password_changes p
                JOIN convonet_admin.audit_event e USING (account_id)
                WHERE e.outcome = 'done' AND e.action = 'reset_password'
                """) == "t")
    }

    /// With it the application refuses older access tokens; it sees nothing else.
    @Test func theApplicationSeesWhenPasswordsChanged() async throws {
        let database = try await TestDatabase.quick()
        let desk = try await database.session()
        let person = try await desk.person()
        _ = try await desk.changes.perform(AccountChange(account: person, action: .generatePassword))
        let role = "app_\(database.name)"
        try await database.sql("CREATE ROLE \(role) LOGIN")
        _ = try await Migrator(try database.pool()).migrate(
            MigrationRequest(rolePrefix: TestDatabase.rolePrefix, grants: [.init(kind: .application, role: role)]))
        let query = "SET ROLE \(role); SELECT account_id FROM convonet_admin.password_changes"
        #expect(try await database.sql(query) == person.idText)
        for closed in ["audit_event", "accounts", "policy", "installation"] {
            await #expect(throws: ClusterFailure.self) {
                try await database.sql("SET ROLE \(role); SELECT FROM convonet_admin.\(closed)")
            }
        }
        try await database.sql("DROP ROLE \(role)")
    }

    @Test func theSameRequestSentTwiceIsCarriedOutOnce() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        let person = try await database.session().person()
        let (token, request) = (try await database.link(to: person.email, desk).token, UUID())
        let hash = try newHash()
        let first = try await desk.resetPassword(by: token, to: hash, from: "192.0.2.1", request: request)
        let again = try await desk.resetPassword(by: token, to: hash, from: "192.0.2.1", request: request)
        #expect(again?.receipt.sequence == first?.receipt.sequence)
        #expect(again?.receipt.isReplayed == true)
        #expect(try await database.outcomes(of: "reset_password") == "done")
    }

    @Test func fiftyAtOnceAndOneWins() async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService(maximum: 50)
        let person = try await database.session().person()
        let token = try await database.link(to: person.email, desk).token
        let hash = try newHash()
        let results = try await withThrowingTaskGroup(of: SelfServiceResult?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await desk.resetPassword(by: token, to: hash, from: "192.0.2.1", request: UUID())
                }
            }
            return try await group.reduce(into: [SelfServiceResult?]()) { $0.append($1) }
        }
        #expect(results.filter { $0?.receipt.outcome == .done }.count == 1)
        #expect(results.filter { $0?.rule == "link_used" }.count == 49)
    }

    @Test(arguments: ["revoked", "outdated", "expired", "inactive", "moved", "back again"])
    func whatMakesALinkVoid(how: String) async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let token = try await database.link(to: person.email, desk).token
        let rule: String
        switch how {
        case "revoked":
            let change = AccountChange(account: person, action: .revokeResetLinks)
            #expect(try await staff.changes.perform(change).outcome == .done)
            #expect(
                try await staff.changes.perform(AccountChange(account: person, action: .revokeResetLinks)).rule
                    == "no_reset_link")
            rule = "link_void"
        case "outdated":
            // By the application itself, which knows nothing of links.
            try await database.sql(
                "UPDATE users_convonet SET password_hash = '\(try newHash("another-41-word").text)' WHERE id = '\(person.idText)'"
            )
            rule = "link_outdated"
        case "expired":
            try await database.sql("UPDATE convonet_admin.reset_token SET expires_at = now()")
            rule = "link_expired"
        case "moved":
            try await database.sql(
                "UPDATE users_convonet SET email = 'moved@example.net' WHERE id = '\(person.idText)'")
            rule = "link_outdated"
        case "back again":
            for isActive in [false, true] {
                let now = try #require(try await staff.accounts.account(id: person.id))
                let change = AccountChange(account: now, action: .setActive(isActive))
                #expect(try await staff.changes.perform(change).outcome == .done)
            }
            rule = "link_void"
        default:
            try await database.sql("UPDATE users_convonet SET is_active = false WHERE id = '\(person.idText)'")
            rule = "account_inactive"
        }
        let before = try await database.stored("password_hash", of: person)
        #expect(try await desk.holder(of: token) == nil)
        let result = try await desk.resetPassword(by: token, to: try newHash(), from: "192.0.2.1", request: UUID())
        #expect(result?.rule == rule)
        #expect(try await database.stored("password_hash", of: person) == before)
    }

    @Test func aLinkThatWaitsDoesNotGoToAnAddressThatIsNoLongerTheirs() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let change = AccountChange(account: person, action: .sendResetLink)
        #expect(try await staff.changes.perform(change).outcome == .done)
        try await database.sql("UPDATE users_convonet SET email = 'moved@example.net' WHERE id = '\(person.idText)'")
        #expect(try await desk.nextMail() == nil)
    }

    @Test func staffsMailGoesBeforeWhatWasAskedForByAnAddress() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        for number in 0..<3 { try await desk.requestLink(to: "nobody\(number)@example.net", from: "192.0.2.1") }
        let person = try await staff.person()
        let change = AccountChange(account: person, action: .sendResetLink)
        #expect(try await staff.changes.perform(change).outcome == .done)
        #expect(try await desk.nextMail()?.address == person.email)
        #expect(
            try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue WHERE kind = 'link_request'") == "3")
    }

    @Test func anUnknownTokenIsNobodys() async throws {
        let desk = try (try await TestDatabase.quick()).selfService()
        #expect(try await desk.holder(of: ResetToken()) == nil)
        #expect(
            try await desk.resetPassword(by: ResetToken(), to: try newHash(), from: "192.0.2.1", request: UUID()) == nil
        )
        #expect(ResetToken(parsing: "short") == nil)
        #expect(ResetToken(parsing: String(repeating: "=", count: 43)) == nil)
        let token = ResetToken()
        #expect(ResetToken(parsing: token.text)?.hash == token.hash)
        #expect("\(token)" == "<token>")
    }

    @Test func whoAsksLearnsNothingAndOnlyOwnersGetMail() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let inactive = try await staff.person { !$0.isActive && $0.signIn == .password }
        let external = try await staff.person { $0.signIn == .external && $0.isActive }
        for address in ["nobody@example.org", inactive.email, external.email] {
            try await desk.requestLink(to: address, from: "192.0.2.1")
        }
        #expect(try await desk.nextMail() == nil)
        #expect(
            try await database.outcomes(of: "send_reset_link") == "refused account_inactive, refused external_sign_in")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "0")
        let mail = try await database.link(to: person.email.uppercased(), desk)
        #expect(mail.address == person.email)
    }

    @Test func anAccountIsNotFloodedWithLinks() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql("UPDATE convonet_admin.policy SET self_service_account_limit = 2")
        let desk = try database.selfService()
        let person = try await database.session().person()
        for _ in 0..<4 { try await desk.requestLink(to: person.email, from: "192.0.2.1") }
        var taken = 0
        while try await desk.nextMail() != nil { taken += 1 }
        #expect(
            try await database.outcomes(of: "send_reset_link")
                == "done, done, refused account_limit, refused account_limit")
        #expect(taken == 2)
    }

    @Test func linksStandSideBySideUntilOneIsUsed() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let sent = AccountChange(account: person, action: .sendResetLink)
        #expect(try await staff.changes.perform(sent).outcome == .done)
        let ours = try #require(try await desk.nextMail())
        var links = [ours]
        // A stranger asks as often as somebody may, and once more.
        for _ in 0..<6 { try await desk.requestLink(to: person.email, from: "198.51.100.9") }
        while let mail = try await desk.nextMail() { links.append(mail) }
        #expect(links.count == 6)
        for link in links {
            try await desk.end(link, as: .sent)
            #expect(try await desk.holder(of: link.token)?.person.id == person.id)
        }
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == Array(repeating: .sent, count: 6))
        let used = try await desk.resetPassword(by: ours.token, to: try newHash(), from: "192.0.2.1", request: UUID())
        #expect(used?.receipt.outcome == .done)
        for link in links { #expect(try await desk.holder(of: link.token) == nil) }
        let states = try await staff.changes.resetLinks(of: person).map(\.state)
        #expect(states == Array(repeating: .outdated, count: 5) + [.used])
    }

    @Test func whoHasNoGoodLinkIsSentOneWhoeverAskedBefore() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql("UPDATE convonet_admin.policy SET self_service_account_limit = 2")
        let desk = try database.selfService()
        let person = try await database.session().person()
        func ask() async throws -> Bool {
            try await desk.requestLink(to: person.email, from: "192.0.2.1")
            guard let mail = try await desk.nextMail() else { return false }
            try await desk.end(mail, as: .sent)
            return true
        }
        #expect(try await [ask(), ask(), ask()] == [true, true, false])
        // Their time is over, within the hour for which they count.
        try await database.sql("UPDATE convonet_admin.reset_token SET expires_at = now()")
        #expect(try await [ask(), ask()] == [true, false])
        // What never came is none either.
        try await database.sql("UPDATE convonet_admin.mail_queue SET state = 'failed'")
        #expect(try await ask())
        #expect(
            try await database.outcomes(of: "send_reset_link")
                == "done, done, refused account_limit, done, refused account_limit, done")
    }

    @Test(arguments: [
        ("ann@xn--bcher-kva.example", "ann@b\u{fc}cher.example"),
        ("ann@b\u{fc}cher.example", "ann@xn--bcher-kva.example"),
        ("Ann@B\u{dc}CHER.example", "ANN@xn--Bcher-kva.EXAMPLE"),
    ])
    func aDomainIsTheSameInBothSpellings(stored: String, typed: String) async throws {
        let database = try await TestDatabase.quick()
        let desk = try database.selfService()
        let person = try await database.session().person()
        try await database.sql("UPDATE users_convonet SET email = '\(stored)' WHERE id = '\(person.idText)'")
        #expect(try await database.link(to: typed, desk).address == stored)
    }

    @Test func anAddressOfTwoIsTheOneThatIsWrittenSo() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let (one, other) = (try await staff.people(2)[0], try await staff.people(2)[1])
        try await database.sql(
            """
            UPDATE users_convonet SET email = 'Twice@example.org' WHERE id = '\(one.idText)';
            UPDATE users_convonet SET email = 'twice@example.org' WHERE id = '\(other.idText)'
            """)
        #expect(try await database.link(to: "Twice@example.org", desk).address == "Twice@example.org")
        #expect(try await database.link(to: "twice@example.org", desk).address == "twice@example.org")
        try await database.sql("UPDATE users_convonet SET email = 'TWICE@example.org' WHERE id = '\(other.idText)'")
        // Neither is the one, and the other cannot be known.
        try await desk.requestLink(to: "twicE@example.org", from: "192.0.2.1")
        #expect(try await desk.nextMail() == nil)
    }

    @Test func anAddressThatNoMailReachesIsRefusedAtOnce() async throws {
        let database = try await TestDatabase.quick()
        let staff = try await database.session()
        let person = try await staff.person()
        for address in ["\u{e4}nn@example.org", "ann", "a b@example.org", "-f@example.org"] {
            try await database.sql("UPDATE users_convonet SET email = '\(address)' WHERE id = '\(person.idText)'")
            let change = AccountChange(
                account: try #require(try await staff.accounts.account(id: person.id)), action: .sendResetLink)
            #expect(try await staff.changes.rehearse(change).rule == "address_unusable")
            #expect(try await staff.changes.perform(change).rule == "address_unusable")
        }
        #expect(
            try await database.sql(
                "SELECT count(*) FROM convonet_admin.audit_event WHERE rule = 'address_unusable' AND action = 'send_reset_link'"
            )
                == "4")
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.mail_queue") == "0")
    }

    @Test func staffSendALinkAndSeeWhatBecomesOfIt() async throws {
        let database = try await TestDatabase.quick()
        let (desk, staff) = (try database.selfService(), try await database.session())
        let person = try await staff.person()
        let context = ChangeContext(reason: "forgot it", ticket: "T-9")
        let sent = try await staff.changes.perform(
            AccountChange(account: person, action: .sendResetLink, context: context))
        #expect(sent.outcome == .done)
        #expect(try await staff.changes.resetLinks(of: person).map(\.state) == [.queued])
        let mail = try #require(try await desk.nextMail())
        #expect(mail.address == person.email)
        try await desk.end(mail, as: .failed, reason: "exit 67")
        let link = try #require(try await staff.changes.resetLinks(of: person).first)
        #expect(link.state == .undelivered)
        #expect(link.databaseUser == "test_operator" && link.origin == .staff)
        for (who, rule) in [
            (try await staff.person { !$0.isActive && $0.signIn == .password }, "link_to_inactive"),
            (try await staff.person { $0.signIn == .external && $0.isActive }, "external_sign_in"),
        ] {
            let change = AccountChange(account: who, action: .sendResetLink)
            #expect(try await staff.changes.perform(change).rule == rule)
            #expect(try await staff.changes.rehearse(change).rule == rule)
        }
    }

    @Test func thePolicyCanMakeLinksTheOnlyWay() async throws {
        let database = try await TestDatabase.quick()
        try await database.sql("UPDATE convonet_admin.policy SET links_only = true")
        let staff = try await database.session()
        let person = try await staff.person()
        for action in [
            AccountChange.Action.generatePassword, .setPassword(.text("walrus-41-teapot"), allowWeak: false),
        ] {
            let change = AccountChange(account: person, action: action)
            #expect(try await staff.changes.rehearse(change).rule == "links_only")
            let result = try await staff.changes.perform(change)
            #expect(result.rule == "links_only")
            #expect(result.message?.contains("only by e-mailed link") == true)
        }
        #expect(
            try await staff.changes.perform(AccountChange(account: person, action: .clearPIN)).outcome == .done)
    }
}
