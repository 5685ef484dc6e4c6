import ConvonetCore
import FoundationEssentials
import PostgresClient
import TerminalKit

/// The one dialog for every change of an account: the form, then the work, then the receipt.
struct ResetDialog: Equatable, Sendable {
    /// Where the dialog is.
    enum Stage: Equatable, Sendable {
        /// The form is filled in.
        case form
        /// The change was sent; no key stops it.
        case working
        /// It is done; the receipt stays until it is closed.
        case receipt(ChangeResult, Closing)
        /// The account was deleted meanwhile.
        case gone
        /// It is not known, or the database could not write; the form can be had again.
        case ended(ChangeResult)
    }

    /// How far the closing of a receipt has come.
    enum Closing: Equatable, Sendable {
        case open
        /// A key was pressed that does nothing, so it is said how it is closed.
        case asked
        /// Esc was pressed once.
        case begun
    }

    /// How the new value comes about.
    enum Method: Equatable, Sendable {
        /// Generated (a password) or issued (a PIN).
        case drawn
        /// Typed, twice.
        case typed
        /// The PIN is cleared.
        case cleared
    }

    /// What the focus can be on.
    enum Field: Equatable, Sendable {
        case method, secret, again, weak, localPassword, verifiedBy, reason, ticket, confirmation

        /// Whether it is part of what is done to the account, rather than of why.
        var decidesTheValue: Bool {
            switch self {
            case .method, .secret, .again, .weak, .localPassword: true
            case .verifiedBy, .reason, .ticket, .confirmation: false
            }
        }
    }

    var kind: Kind
    /// The account as the operator sees it here; the change is bound to this version of it.
    var account: Account
    var stage = Stage.form
    var method = Method.drawn
    var focus = Field.method
    var secret = SecretEntry()
    var again = SecretEntry()
    var weakWord = TextField(limit: 10)
    var wantsLocalPassword = false
    /// Index into the policy's methods; nil while none is chosen.
    var verification: Int?
    var reason = TextField(limit: 1000)
    var ticket = TextField(limit: 100)
    var confirmation = TextField(limit: 200)
    /// Whether the policy protects the account, so that a change needs a second person; nil until it is known.
    var isProtected: Bool?
    /// What the rules say of the typed password.
    var assessment: PasswordAssessment?
    /// What stands between the form and its being sent.
    var problem: String?
    /// What changed on the account while the dialog was open.
    var changes: [String] = []
    /// Until when the typed secret is shown.
    var revealedUntil: Int?
    /// Until when the receipt shows the new value; nil while it is hidden.
    var secretShownUntil: Int?
    /// What was done to the account within the last hour, in words, newest first.
    var recent: [String] = []
    /// The request that reads what was done to the account.
    var historyRequest: Int?
    /// Whether the change was asked of a second person from here.
    var waitsForApproval = false
    /// The request that the dialog waits for.
    var request: Int?
    /// How the change that was sent is getting on.
    var work: ChangeWork?
    /// The name of the action that was submitted, for the words of the receipt.
    var submitted: String?
    /// The first line below the person that is shown, where not all are.
    var top = 0

    init(kind: Kind, account: Account) {
        self.kind = kind
        self.account = account
    }

    /// The fields that are there, in order: only what the method and the policy ask for.
    func fields(_ policy: Policy) -> [Field] {
        var fields: [Field] = kind.noun == nil ? [] : [.method]
        if method == .typed { fields += [.secret, .again] }
        if needsWeakWord { fields.append(.weak) }
        if kind == .password || kind == .link, account.signIn == .external { fields.append(.localPassword) }
        if !policy.verificationMethods.isEmpty { fields.append(.verifiedBy) }
        return fields + [.reason, .ticket, .confirmation]
    }

    /// What is done, by what is chosen.
    var title: String { method == .cleared ? "Clear the voice PIN" : kind.title }

    /// What has to be typed for it to be done.
    var confirmationWord: String { isProtected == true ? account.username : "yes" }

    /// Whether the typed password is one that only the word `weak` lets through.
    var needsWeakWord: Bool {
        guard kind == .password, method == .typed, case .refused(let finding) = assessment?.verdict(allowWeak: false)
        else {
            return false
        }
        return finding.isOverridable && assessment?.findings.allSatisfy(\.isOverridable) == true
    }

    var isWeakConfirmed: Bool { weakWord.text == "weak" }

    /// Milliseconds for which a typed secret is shown.
    static let revealedTime = 5000

    /// Hides the secrets whose time is over; `uptime` as in `Console`.
    mutating func hideIfDue(_ uptime: Int) {
        if let until = revealedUntil, uptime >= until { revealedUntil = nil }
        if let until = secretShownUntil, uptime >= until { secretShownUntil = nil }
    }

    /// Shows the receipt's new value, for two minutes.
    mutating func showSecret(_ uptime: Int) {
        secretShownUntil = uptime + 120_000
    }

    /// Forgets what was typed and what the receipt would show.
    mutating func wipeEverySecret() {
        wipeSecrets()
        secretShownUntil = nil
        if case .receipt(var result, _) = stage, result.newSecret != nil {
            result.newSecret = nil
            result.message =
                "The new value was wiped while nobody was here. If it was not read out, reset it once more."
            stage = .receipt(result, .open)
        }
    }

    /// What goes over into the next reset of the same person.
    struct Carried: Equatable, Sendable {
        var accountID: UUID
        var reason: TextField
        var ticket: TextField
        var verification: Int?
    }

    var carried: Carried {
        Carried(accountID: account.id, reason: reason, ticket: ticket, verification: verification)
    }

    mutating func take(_ carried: Carried) {
        guard carried.accountID == account.id else { return }
        reason = carried.reason
        ticket = carried.ticket
        verification = carried.verification
    }

    /// Forgets everything that was typed as a secret.
    mutating func wipeSecrets() {
        secret = SecretEntry()
        again = SecretEntry()
        assessment = nil
        weakWord.clear()
        revealedUntil = nil
    }

    var hints: [Footer.Hint] {
        switch stage {
        case .working:
            work?.isSlow == true
                ? [Footer.Hint("Esc", "wait no longer", priority: 9)] : [Footer.Hint("", "please wait")]
        case .receipt(let result, _) where result.newSecret == nil: [Footer.Hint("Esc", "close", priority: 9)]
        case .receipt(_, let closing):
            [
                Footer.Hint("Ctrl-R", secretShownUntil == nil ? "show the new value" : "hide", priority: 8),
                Footer.Hint(closing == .begun ? "Esc" : "Esc Esc", "close for good", priority: 9),
            ]
        case .ended(let result):
            (result.outcome == .failed ? [Footer.Hint("Enter", "back to the form", priority: 8)] : [])
                + [Footer.Hint("Esc", "close", priority: 9)]
        case .gone: [Footer.Hint("Esc", "close", priority: 9)]
        case .form:
            [
                Footer.Hint("Enter", focus == .confirmation ? "do it" : "next", priority: 8),
                Footer.Hint("Tab", "field", priority: 6),
                focus == .method || focus == .verifiedBy
                    ? Footer.Hint("← →", "choose", priority: 7)
                    : focus == .localPassword
                        ? Footer.Hint("Space", "on or off", priority: 7) : Footer.Hint("Ctrl-U", "empty", priority: 3),
            ] + (kind.noun == nil ? [] : [Footer.Hint("Ctrl-G", kind == .password ? "generate" : "issue", priority: 5)])
                + (method == .typed ? [Footer.Hint("Ctrl-R", "reveal", priority: 6)] : []) + [
                    Footer.Hint("Esc", "cancel", priority: 9)
                ]
        }
    }
}
