import AuditVerification
import ConvonetDatabase
import FoundationEssentials
import OperatingSystem
import PostgresClient
import Synchronization
import TestDatabase
import Testing

@testable import AccountPolicy
@testable import ConvonetCore
@testable import Credentials

private final class Journal: Anchor {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    func keep(_ line: String) { kept.withLock { $0.append(line) } }
}

@Suite(.dropsDatabases) struct AnchorTests {
    private func session(_ database: TestDatabase, _ user: TestDatabase.User, _ anchor: Journal) async throws
        -> AdminSession
    {
        var identity = TestDatabase.identity
        identity.name = "anna b=c\naudit-head"
        return try await AdminSession.open(
            try database.pool(user), operator: identity, application: "tests", anchor: anchor)
    }

    @Test func everyAttemptIsAnnouncedAndItsEndKeptWithoutASecret() async throws {
        let database = try await TestDatabase.quick()
        let anchor = Journal()
        let desk = try await session(database, .operator, anchor)
        let people = try await desk.people(3)
        let password = Secret.text("Correct-Horse-77-Battery")
        let set = AccountChange(account: people[0], action: .setPassword(password, allowWeak: false))
        #expect(try await desk.changes.perform(set).outcome == .done)
        let refused = AccountChange(account: people[1], action: .setPassword(.text("password"), allowWeak: false))
        #expect(try await desk.changes.perform(refused).outcome == .refused)
        let issued = try await desk.changes.perform(AccountChange(account: people[2], action: .issuePIN))
        _ = try await session(database, .supervisor, anchor).policies.set(
            [(try #require(PolicySetting.all.first { $0.name == "minimum_length" }), "9")], reason: nil)

        let log = try await database.log()
        let lines = anchor.lines
        try #require(lines.count == 8 && log.count == 4)
        for (index, event) in log.enumerated() {
            let (intent, head) = (lines[index * 2], lines[index * 2 + 1])
            let request = " request=\(try #require(event.requestID).uuidString.lowercased()) action=\(event.action)"
            let target = event.accountID.map { " account=\($0.uuidString.lowercased())" } ?? ""
            let end = request + target + " operator=anna%20b%3Dc%0Aaudit-head"
            let log = " format=1 database=\(database.name) log=\(desk.log.installedAt.microseconds)"
            #expect(intent == "audit-intent" + log + end)
            let rule = event.rule.map { " rule=\($0)" } ?? ""
            #expect(
                head == "audit-head\(log) sequence=\(event.sequence) hash=\(event.hash.hexadecimal)\(end)"
                    + " outcome=\(event.outcome)\(rule)")
        }
        let pin = try #require(issued.newSecret).revealedText()
        #expect(!lines.contains { $0.contains("Correct-Horse") || $0.contains("=\(pin)") })

        var journal = AuditJournal(of: desk.log)
        for line in lines.shuffled() { journal.take("Nov 21 04:00:00 desk-3 convonet-admin[9]: \(line)\n") }
        #expect(journal.evidence.anchors.count == 4 && journal.evidence.intents.count == 4)
        let found = try await database.session(.auditor).audit.verify(against: journal.evidence)
        #expect(found.problem == nil && found.openIntents.isEmpty)
    }

    @Test func anAttemptWithoutAnEventLeavesAnOpenIntent() async throws {
        let database = try await TestDatabase.quick()
        let anchor = Journal()
        let desk = try await session(database, .operator, anchor)
        let change = AccountChange(account: try await desk.person(), action: .clearPIN)
        try await database.sql(
            "SET session_replication_role = replica; DELETE FROM users_convonet WHERE id = '\(change.account.idText)'")
        await #expect(throws: AdminError.self) { try await desk.changes.perform(change) }
        var journal = AuditJournal(of: desk.log)
        for line in anchor.lines { journal.take(line) }
        let found = try await database.session(.auditor).audit.verify(against: journal.evidence)
        #expect(found.problem == nil && found.openIntents == [change.requestID])
    }

    @Test func aJournalTakesItsOwnLinesAndSkipsTheRest() throws {
        let log = LogIdentity(database: "convo net", installedAt: Timestamp(microseconds: 12))
        let hash = String(repeating: "ab", count: 32)
        let ours = "audit-head format=1 database=convo%20net log=12 sequence=3 hash=\(hash) operator=x outcome=done"
        let anchor = AuditAnchor(sequence: 3, hash: try #require(AuditHash(hexadecimal: hash)), origin: .journal)
        for line in [
            ours, "Nov 21 desk app[1]: \(ours)\r\n", #"{"MESSAGE":"\#(ours)","X":"sequence=9"}"#, "\(ours) sequence=4",
        ] {
            var journal = AuditJournal(of: log)
            journal.take(line)
            journal.take(line)
            #expect(journal.evidence.anchors == [anchor], "\(line)")
        }
        var journal = AuditJournal(of: log)
        for line in [
            "", "audit-head", "sshd[1]: accepted", "audit-head format=2 database=convo%20net log=12 sequence=3",
        ] {
            journal.take(line)
        }
        #expect(journal == AuditJournal(of: log))
        journal.take(ours.replacing("log=12", with: "log=13"))
        journal.take(ours.replacing("convo%20net", with: "other"))
        #expect(journal.foreignLogs == 2)
        for broken in [("sequence=3", "sequence=x"), ("sequence=3", "sequence=0"), (hash, "ab"), ("log=12", "")] {
            journal.take(ours.replacing(broken.0, with: broken.1))
        }
        #expect(journal.malformed == 4 && journal.evidence.anchors.isEmpty)
    }
}
