import AccountPolicy
import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmbeddedPostgres
import FoundationEssentials
import PostgresClient
import TestDatabase
import Testing

@Suite(.dropsDatabases) struct ApprovalTests {
    /// Somebody protected, an operator at their desk and a supervisor at another's.
    private struct Scene {
        var database: TestDatabase
        var desk: AdminSession
        var supervisor: AdminSession
        var people: [Account]
        var person: Account { people[0] }

        init() async throws {
            database = try await TestDatabase.quick()
            desk = try await database.session()
            people = try await desk.people(3)
            try await database.protect(people[0], people[1])
            desk = try await database.session()
            supervisor = try await database.session(.supervisor, identity: TestDatabase.secondIdentity)
        }

        /// Gives the person another id, which no other database has.
        func withSomebodyOfItsOwn() async throws -> Scene {
            let id = UUID()
            var scene = self
            try await database.sql(
                """
                DELETE FROM team_memberships_convonet WHERE user_id = '\(person.idText)';
                UPDATE users_convonet SET id = '\(id)' WHERE id = '\(person.idText)'
                """)
            scene.people[0] = try #require(try await desk.accounts.account(id: id))
            try await database.protect(scene.people[0], people[1])
            return scene
        }

        /// Asks, and gives the request's number.
        func ask(_ action: AccountChange.Action = .issuePIN, context: ChangeContext = ChangeContext()) async throws
            -> Int
        {
            let result = try await desk.perform(action, on: person, context: context)
            #expect(result.outcome == .refused && result.rule == "approval_required" && result.newSecret == nil)
            let id = try #require(result.receipt?.approval)
            #expect(result.message?.contains("approve request \(id), then") == true)
            return id
        }

        func decide(_ id: Int, _ decision: ApprovalQueue.Decision = .approve, by session: AdminSession? = nil)
            async throws -> String
        {
            let desk = (session ?? supervisor).approvals
            return try await desk.decide(try await desk.request(id), decision, reason: "seen").receipt.rule ?? "done"
        }

        /// As psql would send it.
        func decide(_ id: Int, as user: TestDatabase.User, claims: String = "{}") async throws -> String {
            try await database.sql(
                "SELECT coalesce(rule, outcome) FROM convonet_admin.decide_approval(\(id), 'approve', gen_random_uuid(), '\(claims)')",
                as: user)
        }

        func state(_ id: Int) async throws -> ApprovalRequest.State { try await desk.approvals.request(id).state }
    }

    /// A session of somebody's whose first answer to a statement gets lost on the way.
    private func session(
        _ user: TestDatabase.User, _ proxy: AnswerLosingProxy
    ) async throws -> AdminSession {
        let parameters = try ConnectionParameters(
            proxy.connectionString(user), applicationName: "convonet-admin tests", environment: [:])
        return try await AdminSession.open(
            PostgresPool(parameters), operator: TestDatabase.secondIdentity, application: "convonet-admin tests")
    }

    @Test func aDecisionWhoseAnswerWasLostIsAskedForAgainAndMadeOnce() async throws {
        let scene = try await Scene()
        let id = try await scene.ask()
        let proxy = try AnswerLosingProxy(to: scene.database, losing: "FROM convonet_admin.decide_approval")
        defer { proxy.stop() }
        let lead = try await session(.supervisor, proxy)
        let result = try await lead.approvals.decide(try await lead.approvals.request(id), .approve, reason: nil)
        #expect(result.receipt.outcome == .done && result.receipt.isReplayed && result.message == nil)
        #expect(
            try await scene.database.sql("SELECT count(*) FROM convonet_admin.audit_event WHERE action = 'approve'")
                == "1")
        #expect(try await scene.state(id) == .approved)
    }

    @Test func aPolicyWhoseAnswerWasLostIsAskedForAgainAndSetOnce() async throws {
        let database = try await TestDatabase.quick()
        let proxy = try AnswerLosingProxy(to: database, losing: "FROM convonet_admin.set_policy")
        defer { proxy.stop() }
        let lead = try await session(.supervisor, proxy)
        let setting = try #require(PolicySetting.all.first { $0.name == "approval_minutes" })
        let receipt = try await lead.policies.set([(setting, "33")], reason: nil)
        #expect(receipt.outcome == .done && receipt.isReplayed)
        #expect(try await database.outcomes(of: "set_policy") == "done")
    }

    /// What was carried out earlier locks as well, and would hold its locks in a prepared transaction.
    @Test func aCallThatIsGivenAgainCannotBePrepared() async throws {
        let scene = try await Scene()
        let (id, calls) = (try await scene.ask(), [UUID(), UUID()])
        for call in [
            "decide_approval(\(id), 'approve', '\(calls[0])', '{}')",
            "set_policy('{\"approval_minutes\": 20}', '\(calls[1])', '{}')",
        ] {
            let statement = "SELECT outcome FROM convonet_admin.\(call)"
            #expect(try await scene.database.sql(statement, as: .supervisor) == "done")
            let failure = await #expect(throws: ClusterFailure.self) {
                try await scene.database.sql(
                    "BEGIN; \(statement); \(scene.database.prepareTransaction)", as: .supervisor)
            }
            #expect("\(try #require(failure))".contains("LISTEN"), "\(failure.map { "\($0)" } ?? "")")
        }
    }

    /// The same id is one call: not another decision, nor one of another request, nor another's.
    @Test func anIdOfADecisionIsUsedOnce() async throws {
        let scene = try await Scene()
        let (first, call) = (try await scene.ask(), UUID())
        let second = try #require(
            try await scene.desk.perform(.clearPIN, on: scene.person).receipt?.approval)
        func decide(_ id: Int, _ decision: String, as user: TestDatabase.User = .supervisor) async throws -> String {
            try await scene.database.sql(
                "SELECT coalesce(rule, outcome) || replayed FROM convonet_admin.decide_approval(\(id), '\(decision)', '\(call)', '{}')",
                as: user)
        }
        #expect(try await decide(first, "approve") == "donefalse")
        #expect(try await decide(first, "approve") == "donetrue")
        #expect(try await decide(first, "deny") == "request_id_reusedfalse")
        #expect(try await decide(second, "approve") == "request_id_reusedfalse")
        #expect(try await decide(second, "approve", as: .lead) == "request_id_reusedfalse")
        #expect(try await scene.state(second) == .requested)
    }

    @Test func whatIsOpenStandsInTheDossierOfThatPersonAlone() async throws {
        let scene = try await Scene()
        let id = try await scene.ask()
        for session in [scene.desk, scene.supervisor] {
            #expect(try await session.accounts.dossier(of: scene.person.id).approvals.get().map(\.id) == [id])
            #expect(try await session.accounts.dossier(of: scene.people[1].id).approvals.get() == [])
        }
        #expect(try await scene.decide(id) == "done")
        let granted = try await scene.desk.accounts.dossier(of: scene.person.id).approvals.get()
        #expect(granted.map(\.state) == [.approved] && granted.first?.isOwn == true)
    }

    @Test func aSecondPersonLetsItThroughOnce() async throws {
        let scene = try await Scene()
        let before = try await scene.database.stored("users_convonet", of: scene.person)
        let context = ChangeContext(reason: "new phone", ticket: "T-9")
        let id = try await scene.ask(context: context)
        // Asking again is the same request.
        #expect(try await scene.ask(context: context) == id)
        #expect(try await scene.database.stored("users_convonet", of: scene.person) == before)
        let asked = try await scene.supervisor.approvals.request(id)
        #expect(asked.action == "issue_voice_pin" && asked.accountID == scene.person.id && asked.state == .requested)
        #expect(asked.requestedBy == "test_operator" && asked.operatorName == "anna" && !asked.isOwn)
        #expect([asked.reason, asked.ticket] == ["new phone", "T-9"])
        #expect(try await scene.decide(id) == "done")
        let change = AccountChange(account: scene.person, action: .issuePIN, context: context)
        #expect(try await scene.desk.changes.rehearse(change).outcome == .wouldDo)
        let done = try await scene.desk.changes.perform(change)
        #expect(done.outcome == .done && done.newSecret != nil && done.receipt?.approval == id)
        #expect(try await scene.state(id) == .used)
        // A replay is the first one's receipt; a new change needs a new approval.
        #expect(try await scene.desk.changes.perform(change).receipt?.isReplayed == true)
        #expect(try await scene.ask() != id)
        let log = try await scene.database.log()
        #expect(
            log.map { "\($0.action) \($0.outcome)" } == [
                "request_approval done", "issue_voice_pin refused", "issue_voice_pin refused", "approve done",
                "issue_voice_pin done", "request_approval done", "issue_voice_pin refused",
            ])
        #expect(log[0].detail == "approval=\(id) action=issue_voice_pin requested_by=test_operator")
        #expect(log[3].dbUser == "test_supervisor" && log[3].operatorName == "carla" && log[3].reason == "seen")
        #expect(log[4].detail == "method=issued approval=\(id)")
        #expect(log.allSatisfy { $0.accountID == scene.person.id })
        #expect(try await scene.database.session(.auditor).audit.verify().problem == nil)
    }

    @Test func everyActionOfAProtectedAccountNeedsOne() async throws {
        let scene = try await Scene()
        let actions: [AccountChange.Action] = [
            .generatePassword, .setPassword(.text("kdfj-eorj-3939-wqpz"), allowWeak: false), .issuePIN,
            .setPIN(.text("8305")), .clearPIN, .setActive(false), .setVerified(!scene.person.isVerified),
        ]
        let before = try await scene.database.stored("users_convonet", of: scene.person)
        var ids: Set<Int> = []
        for action in actions {
            ids.insert(try await scene.ask(action))
            #expect(
                try await scene.database.sql(TestDatabase.call(action, scene.person), as: .operator)
                    == "refused:approval_required")
            #expect(
                try await scene.desk.changes.rehearse(AccountChange(account: scene.person, action: action)).rule
                    == "approval_required")
        }
        // A typed password and a generated one are the same action.
        #expect(ids.count == actions.count - 1)
        #expect(try await scene.database.stored("users_convonet", of: scene.person) == before)
        #expect(try await scene.desk.perform(.issuePIN, on: scene.people[2]).outcome == .done)
    }

    @Test func nobodyApprovesTheirOwn() async throws {
        let scene = try await Scene()
        let id = try await scene.ask()
        // The same person at another database user, as their program says.
        let sameHands = try await scene.database.session(.supervisor)
        #expect(try await scene.decide(id, by: sameHands) == "own_request")
        let lead = try await scene.database.session(.lead, identity: TestDatabase.secondIdentity)
        #expect(lead.rights.mayChange && lead.rights.mayDecide)
        let own = try await lead.perform(.generatePassword, on: scene.person)
        let ownID = try #require(own.receipt?.approval)
        #expect(try await lead.approvals.request(ownID).isOwn)
        #expect(try await scene.decide(ownID, by: lead) == "own_request")
        #expect(try await scene.decide(ownID, as: .lead, claims: #"{"uid": 77, "host": "elsewhere"}"#) == "own_request")
        #expect(
            try await scene.database.sql(
                "SELECT rule FROM convonet_admin.decide_approval(\(ownID), 'deny', gen_random_uuid(), '{}')", as: .lead)
                == "own_request")
        for user in [TestDatabase.User.operator, .viewer, .auditor, .stranger] {
            await #expect(throws: ClusterFailure.self) { try await scene.decide(id, as: user) }
        }
        #expect(try await scene.state(id) == .requested)
        await #expect(throws: AdminError.notPermitted(.decideApprovals)) {
            let request = try await scene.desk.approvals.request(id)
            _ = try await scene.desk.approvals.decide(request, .approve, reason: nil)
        }
        // Another supervisor may.
        #expect(try await scene.decide(ownID, as: .supervisor) == "done")
    }

    @Test func itServesNobodyAndNothingElse() async throws {
        let scene = try await Scene()
        let id = try await scene.ask()
        #expect(try await scene.decide(id) == "done")
        let (person, other) = (scene.person, scene.people[1])
        let misuses: [(TestDatabase.User, String)] = [
            (.secondOperator, TestDatabase.call(.issuePIN, person)), (.lead, TestDatabase.call(.issuePIN, person)),
            (.operator, TestDatabase.call(.clearPIN, person)),
            (.operator, TestDatabase.call(.generatePassword, person)),
            (.operator, TestDatabase.call(.setPIN(.text("")), person)),
            (.operator, TestDatabase.call(.issuePIN, other)),
            (.operator, TestDatabase.call(.setActive(false), person)),
        ]
        for (user, call) in misuses {
            #expect(try await scene.database.sql(call, as: user) == "refused:approval_required", "\(call)")
        }
        #expect(
            try await scene.database.sql(TestDatabase.call(.issuePIN, person, version: "1"), as: .operator)
                == "conflict:account_changed")
        #expect(try await scene.state(id) == .approved)
        #expect(try await scene.desk.perform(.issuePIN, on: person).outcome == .done)
    }

    @Test func whatIsOverIsNoUse() async throws {
        let scene = try await Scene()
        let (person, later) = (
            scene.person, "UPDATE convonet_admin.approval SET expires_at = now() - interval '1 second'"
        )
        // Expired before it was decided, and after.
        let first = try await scene.ask()
        try await scene.database.sql(later)
        #expect(try await scene.state(first) == .expired)
        #expect(try await scene.decide(first) == "approval_expired")
        let second = try await scene.ask()
        #expect(second != first)
        #expect(try await scene.decide(second) == "done")
        try await scene.database.sql(later)
        let third = try await scene.ask()
        #expect(third != second)
        // The row changed in between, before the decision and after it.
        let touch = "UPDATE users_convonet SET last_name = last_name || 'x' WHERE id = '\(person.idText)'"
        try await scene.database.sql(touch)
        #expect(try await scene.state(third) == .outdated)
        #expect(try await scene.decide(third) == "approval_outdated")
        let fourth = try await scene.ask()
        #expect(try await scene.decide(fourth) == "done")
        try await scene.database.sql(touch)
        let fifth = try await scene.ask()
        #expect(fifth != fourth)
        // Denied: asking again gives the same answer while it lasts.
        #expect(try await scene.decide(fifth, .deny) == "done")
        let denied = try await scene.desk.perform(.issuePIN, on: person)
        #expect(denied.rule == "approval_denied" && denied.receipt?.approval == fifth)
        #expect(try await scene.desk.approvals.request(fifth).decisionReason == "seen")
        #expect(try await scene.decide(fifth) == "already_decided")
        try await scene.database.sql(later)
        #expect(try await scene.ask() != fifth)
        #expect(try await scene.desk.approvals.page(all: false, limit: 10).map(\.state) == [.requested])
        #expect(try await scene.desk.approvals.page(all: true, limit: 10).count == 6)
    }

    @Test func twoApproversAtOnceAreOne() async throws {
        let scene = try await Scene()
        let id = try await scene.ask()
        let lead = try await scene.database.session(.lead, identity: TestDatabase.secondIdentity)
        let sessions = [scene.supervisor, lead, scene.supervisor, lead]
        let ends = try await withThrowingTaskGroup(of: String.self) { group in
            for session in sessions { group.addTask { try await scene.decide(id, by: session) } }
            return try await group.reduce(into: [String]()) { $0.append($1) }.sorted()
        }
        #expect(ends == ["already_decided", "already_decided", "already_decided", "done"])
    }

    @Test func anApprovalIsUsedOnceHoweverOneAsks() async throws {
        // The server's log is that of every test's database: somebody else's lines must not be counted.
        let scene = try await Scene().withSomebodyOfItsOwn()
        let id = try await scene.ask()
        #expect(try await scene.decide(id) == "done")
        let call = TestDatabase.call(.issuePIN, scene.person)
        // What is undone was not done: it can be done once still, and each try stands in the server's log.
        for _ in 0..<3 { #expect(try await scene.database.sql("BEGIN; \(call) ROLLBACK;", as: .operator) == "done") }
        let version = "(SELECT version FROM convonet_admin.accounts WHERE id = '\(scene.person.idText)')"
        let again =
            "SELECT outcome || ':' || rule FROM convonet_admin.issue_voice_pin('\(scene.person.idText)', \(version), gen_random_uuid(), '{}');"
        for trick in ["BEGIN; SAVEPOINT s; \(call) ROLLBACK TO s; COMMIT;", "BEGIN; \(call) \(call) COMMIT;"] {
            #expect(await scene.database.refusal(of: trick, as: .operator)?.contains("transaction") == true)
        }
        let ends = try await scene.database.sql("\(call) \(again) \(call)", as: .operator)
        #expect(ends.split(separator: "\n") == ["done", "refused:approval_required", "conflict:account_changed"])
        #expect(try await scene.state(id) == .used)
        let request = UUID().uuidString.lowercased()
        let undone = again.replacing("gen_random_uuid()", with: "'\(request)'")
        try await scene.database.sql("BEGIN; \(undone) ROLLBACK;", as: .operator)
        let serverLog = String(decoding: try SourceTree.contents(of: scene.database.cluster.logPath), as: UTF8.self)
        #expect(serverLog.contains("refused approval_required, by test_operator, request \(request)"))

        let next = try await scene.ask()
        #expect(try await scene.decide(next) == "done")
        let now = try #require(try await scene.desk.accounts.account(id: scene.person.id))
        let outcomes = try await withThrowingTaskGroup(of: ChangeResult.Outcome.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let desk = try await scene.database.session()
                    return try await desk.changes.perform(AccountChange(account: now, action: .issuePIN)).outcome
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == .done }.count == 1)
        #expect(outcomes.filter { $0 == .conflict }.count == 7)
    }

    @Test func whoDoesNotDecideSeesTheirOwn() async throws {
        let scene = try await Scene()
        let id = try await scene.ask()
        let other = try await scene.database.session(.secondOperator)
        #expect(try await other.approvals.page(all: true, limit: 10).isEmpty)
        await #expect(throws: AdminError.approvalUnknown(id)) { try await other.approvals.request(id) }
        #expect(try await scene.database.session(.auditor).approvals.page(all: true, limit: 10).map(\.id) == [id])
        await #expect(throws: AdminError.approvalUnknown(99)) { try await scene.supervisor.approvals.request(99) }
        for index in 1...4 { _ = try await scene.desk.perform(.clearPIN, on: scene.people[index % 2]) }
        let all = try await scene.supervisor.approvals.page(all: true, limit: 10).map(\.id)
        #expect(all == all.sorted(by: >) && all.count == 3)
        #expect(try await scene.supervisor.approvals.page(before: all[0], all: true, limit: 1).map(\.id) == [all[1]])
    }

    @Test func whatWaitsIsCountedForWhomItConcerns() async throws {
        let scene = try await Scene()
        typealias Pending = ApprovalQueue.Pending
        #expect(try await scene.desk.approvals.pending() == Pending(ofOthers: 0, own: 0, granted: 0))
        let id = try await scene.ask()
        _ = try await scene.desk.perform(.clearPIN, on: scene.people[1])
        #expect(try await scene.desk.approvals.pending() == Pending(ofOthers: 0, own: 2, granted: 0))
        #expect(try await scene.supervisor.approvals.pending() == Pending(ofOthers: 2, own: 0, granted: 0))
        #expect(try await scene.decide(id) == "done")
        #expect(try await scene.desk.approvals.pending() == Pending(ofOthers: 0, own: 1, granted: 1))
        #expect(try await scene.supervisor.approvals.pending() == Pending(ofOthers: 1, own: 0, granted: 0))
        let desk = try await scene.database.session(.secondOperator).approvals
        #expect(try await desk.pending() == Pending(ofOthers: 0, own: 0, granted: 0))
        for isAll in [true, false] {
            #expect(try await scene.supervisor.approvals.count(all: isAll) == 2)
            #expect(try await desk.count(all: isAll) == 0)
        }
    }

    @Test func withoutRolesAProtectedAccountIsLeftAlone() async throws {
        let database = try await TestDatabase.quick(.migratedWithoutRoles)
        let session = try await database.session(.owner)
        let person = try await session.person()
        try await database.protect(person)
        let result = try await session.perform(.issuePIN, on: person)
        #expect(result.outcome == .refused && result.rule == "account_protected")
        #expect(result.message?.contains("without roles") == true)
        #expect(!session.rights.mayDecide)
        #expect(try await database.sql("SELECT count(*) FROM convonet_admin.approval") == "0")
    }
}
