import ConvonetDatabase
import FoundationEssentials
import PostgresClient
import TestDatabase

/// The sessions of one database, a pool for each user, and the people of the interleaving under way.
struct ModelSessions: Sendable {
    let desks: [PostgresPool]
    let person: PostgresPool
    let application: PostgresPool
    let clock: PostgresPool
    let superuser: PostgresPool

    static let users: [TestDatabase.User] = [.operator, .secondOperator, .lead]

    init(_ database: TestDatabase) throws {
        desks = try Self.users.map { try database.pool($0) }
        person = try database.pool(.selfService)
        application = try database.pool(.owner)
        clock = try database.pool(.scheduler)
        superuser = try database.superuserPool()
    }

    func pool(of actor: ModelCall.Actor) -> PostgresPool {
        switch actor {
        case .desk(let number): desks[number]
        case .person: person
        case .application: application
        }
    }
}

extension ModelCall {
    /// What no program may claim: points are counted by the functions, and a word is not a proof.
    private func claims() -> Parameter {
        let said = reason.map { ", \"reason\": \"\($0)\"" } ?? ""
        let method =
            switch verb {
            case .resetPassword(_, let isTyped): ", \"method\": \"\(isTyped ? "typed" : "generated")\""
            default: ""
            }
        return .jsonb(
            "{\"points\": 9, \"verified_by\": \"callback\", \"client_address\": \"192.0.2.1\"\(method)\(said)}")
    }

    /// The statement that carries it out.
    func statement(on id: UUID) -> Statement {
        let (claims, version) = (claims(), page.version)
        let call: Statement
        switch verb {
        case .resetPassword(let hash, _): call = "reset_password(\(id), \(version), \(hash), \(request), \(claims))"
        case .issuePIN: call = "issue_voice_pin(\(id), \(version), \(request), \(claims))"
        case .typePIN(let pin): call = "set_voice_pin(\(id), \(version), \(pin), \(request), \(claims))"
        case .clearPIN: call = "clear_voice_pin(\(id), \(version), \(request), \(claims))"
        case .setActive(let isActive):
            call = "set_account_active(\(id), \(version), \(isActive), \(request), \(claims))"
        case .sendLink: call = "send_reset_link(\(id), \(version), \(request), \(claims))"
        case .sendPINLink: call = "send_pin_link(\(id), \(version), \(request), \(claims))"
        case .revokeLinks: call = "revoke_reset_links(\(id), \(version), \(request), \(claims))"
        case .signOut: call = "sign_out(\(id), \(version), \(request), \(claims))"
        case .unblock: call = "unblock_account(\(id), \(version), \(request), \(claims))"
        case .undo(let receipt): call = "undo_change(\(id), \(version), \(receipt), \(request), \(claims))"
        case .freeze: call = "freeze_account(\(id), \(version), \(request), \(claims))"
        case .unfreeze: call = "unfreeze_account(\(id), \(version), \(request), \(claims))"
        case .issueCode(let hash): call = "issue_reset_code(\(id), \(version), \(hash), \(request), \(claims))"
        case .askCallerCode:
            let key = ModelToken().parameter
            call = "send_caller_code(\(id), \(key), \(request), \(claims))"
        case .verifyCaller(let code):
            let proof = code.parameter
            call = "verify_caller(\(id), \(proof), \(request), \(claims))"
        case .decide(let approval, let approves):
            call = "decide_approval(\(approval), \(approves ? "approve" : "deny"), \(request), \(claims))"
        case .useLink(let token, let hash):
            let token = token.parameter
            call = "self_reset_password(\(token), \(hash), \(request), \(claims))"
        case .usePINLink(let token):
            let token = token.parameter
            call = "self_issue_pin(\(token), \(request), \(claims))"
        case .enterCode(let login, let proof, let token):
            let (logins, token) = ([login], token.parameter)
            call = "self_enter_code(\(logins), \(proof), \(token), \(request), \(claims))"
        case .changePassword(let proof, let hash):
            call = "self_change_password(\(id), \(proof), \(hash), \(request), \(claims))"
        case .report(let token):
            let token = token.parameter
            call = "self_report(\(token), \(request), \(claims))"
        case .askLink(let address):
            return "SELECT convonet_admin.self_request_link(\(address), \(address), \(request), \(claims))"
        case .writePassword(let hash):
            return "UPDATE public.users_convonet SET password_hash = \(hash) WHERE id = \(id)"
        case .writePIN(let pin): return "UPDATE public.users_convonet SET voice_pin = \(pin.parameter) WHERE id = \(id)"
        case .writeAddress(let address): return "UPDATE public.users_convonet SET email = \(address) WHERE id = \(id)"
        case .signIn: return "UPDATE public.users_convonet SET last_login_at = clock_timestamp() WHERE id = \(id)"
        case .delete: return "DELETE FROM public.users_convonet WHERE id = \(id)"
        }
        return "SELECT outcome, rule, sequence, voice_pin, replayed, approval FROM convonet_admin.\(call)"
    }

    /// Sends it, and takes the answer.
    func send(on id: UUID, _ sessions: ModelSessions) async throws -> ModelAnswer {
        let rows: QueryResult
        do {
            rows = try await sessions.pool(of: actor).change(statement(on: id)).rows
        } catch PostgresError.server(let error) where error.sqlState == .noDataFound {
            return ModelAnswer(outcome: .gone)
        } catch PostgresError.server(let error) where error.sqlState == .lockNotAvailable {
            // Another call had it for longer than the functions wait, as on a machine with much else to do: nothing was done.
            return try await send(on: id, sessions)
        }
        if actor == .application { return ModelAnswer(outcome: .done) }
        if case .askLink = verb { return ModelAnswer(outcome: .done) }
        guard let row = rows.first else { return ModelAnswer(outcome: .nothing) }
        let (outcome, rule) = (try row.text(0), try row.optional(1, row.text) ?? "")
        let isReplayed = try row.bool(4)
        return ModelAnswer(
            outcome: outcome == "done"
                ? isReplayed ? .replayed : .done
                : outcome == "refused" ? .refused(rule) : .conflict("\(outcome) \(rule)"),
            sequence: try row.int(2), pin: try row.optional(3, row.text), approval: try row.optional(5, row.int))
    }
}
