import FoundationEssentials
import PostgresClient
import TestDatabase

/// One call of one actor, as docs/MODEL.md lists the moves.
struct ModelCall: Sendable {
    /// What is called.
    enum Verb: Sendable {
        case resetPassword(hash: String, isTyped: Bool)
        case issuePIN
        case typePIN(String)
        case clearPIN
        case setActive(Bool)
        case sendLink
        case sendPINLink
        case revokeLinks
        case signOut
        case unblock
        case undo(receipt: Int)
        case freeze
        case unfreeze
        case issueCode(hash: String)
        case askCallerCode
        case verifyCaller(code: ModelToken)
        case decide(approval: Int, approves: Bool)
        case askLink(address: String)
        case useLink(ModelToken, hash: String)
        case usePINLink(ModelToken)
        case enterCode(login: String, proof: String, token: ModelToken)
        case changePassword(proof: String, hash: String)
        case report(ModelToken)
        case writePassword(String)
        case writePIN(String?)
        case writeAddress(String)
        case signIn
        case delete
    }

    /// Who calls: an operator's desk, of which the last is a supervisor's, too; the person; or the application.
    enum Actor: Hashable, Sendable {
        case desk(Int)
        case person
        case application
    }

    var actor: Actor
    /// Whose account, by its place.
    var person: Int
    var verb: Verb
    var request = UUID()
    /// What the operator has read of the account.
    var page = ModelPage()
    var reason: String?

    /// The desk's number; 0 for others.
    var desk: Int { if case .desk(let number) = actor { number } else { 0 } }

    /// The log's name of it, or one of ours for what the application does.
    var name: String {
        switch verb {
        case .resetPassword: "reset_password"
        case .issuePIN: "issue_voice_pin"
        case .typePIN: "set_voice_pin"
        case .clearPIN: "clear_voice_pin"
        case .setActive(let isActive): isActive ? "activate" : "deactivate"
        case .sendLink: "send_reset_link"
        case .sendPINLink: "send_pin_link"
        case .revokeLinks: "revoke_reset_links"
        case .signOut: "sign_out"
        case .unblock: "unblock"
        case .undo: "undo"
        case .freeze: "freeze"
        case .unfreeze: "unfreeze"
        case .issueCode: "issue_reset_code"
        case .askCallerCode: "send_caller_code"
        case .verifyCaller: "verify_caller"
        case .decide(_, let approves): approves ? "approve" : "deny"
        case .askLink: "ask_link"
        case .useLink: "reset_password"
        case .usePINLink: "issue_voice_pin"
        case .enterCode: "enter_reset_code"
        case .changePassword: "change_password"
        case .report: "report_not_me"
        case .writePassword: "write_password"
        case .writePIN: "write_pin"
        case .writeAddress: "write_address"
        case .signIn: "sign_in"
        case .delete: "delete"
        }
    }

    /// Whether operators may not call it.
    var isSupervisors: Bool {
        switch verb {
        case .freeze, .unfreeze, .decide: true
        default: false
        }
    }

    /// By what it is counted: who does it, and what.
    var label: String {
        switch actor {
        case .desk: "staff \(name)"
        case .person: "self \(name)"
        case .application: "application \(name)"
        }
    }
}

/// What somebody holds and a table has the hash of: a link's token, or what a caller's code comes to.
struct ModelToken: Hashable, Sendable, CustomStringConvertible {
    private let halves = [UUID(), UUID()]

    var description: String { "token \(halves[0].uuidString.prefix(4))" }

    /// 32 bytes.
    var parameter: Parameter {
        .bytea(halves.flatMap { half in withUnsafeBytes(of: half.uuid) { Array($0) } })
    }
}

/// What a page shows of an account: by it a change knows that somebody else was faster.
struct ModelPage: Equatable, Sendable {
    /// As the database names it.
    var version = ""
    var email = ""
    var isExternal = false
    var hasPIN = false
    var isActive = false
    var isGone = false
    /// How many events replaced a password or PIN.
    var credentials = 0

    /// Whether a change on this page must not go on, now that the account is so.
    func isOutdated(_ now: ModelPage) -> Bool {
        var (seen, now) = (self, now)
        (seen.version, now.version) = ("", "")
        return seen != now
    }
}

/// How a call ended.
enum ModelOutcome: Equatable, Sendable, CustomStringConvertible {
    case done
    /// Done earlier, by the same request.
    case replayed
    case refused(String)
    /// Somebody was faster, or it failed; with the log's word for that.
    case conflict(String)
    /// No row: nobody has such a link, or a function that says nothing.
    case nothing
    /// There is no such account.
    case gone

    /// One word for it: the rule, where one refused it.
    var word: String { description.split(separator: " ").last.map(String.init) ?? "" }

    var description: String {
        switch self {
        case .done: "done"
        case .replayed: "replayed"
        case .refused(let rule): "refused \(rule)"
        case .conflict(let rule): rule
        case .nothing: "nothing"
        case .gone: "gone"
        }
    }
}

/// What the database answered.
struct ModelAnswer: Sendable {
    var outcome: ModelOutcome
    var sequence = 0
    var pin: String?
    var approval: Int?
}
