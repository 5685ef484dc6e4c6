package import AccountDisplay
package import AccountPolicy
package import ConvonetCore
package import Credentials
import FoundationEssentials
import PostgresClient
package import TerminalKit

/// The one dialog for every change of an account: the form, then the work, then the receipt.
package struct ResetDialog: Equatable, Overlay {
    /// Where the dialog is.
    package enum Stage: Equatable, Sendable {
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
    package enum Closing: Equatable, Sendable {
        case open
        /// A key was pressed that does nothing, so it is said how it is closed.
        case asked
        /// Esc was pressed once.
        case begun
        /// The key of what may come next was pressed once.
        case leaving(ConsoleAction)
    }

    /// A second person's word on what was asked from here.
    package struct Decision: Equatable, Sendable {
        package var isApproval: Bool
        package var words: String
    }

    /// What the focus can be on.
    package enum Field: Hashable, Sendable {
        case method, secret, again, weak, localPassword, verifiedBy, reason, ticket, confirmation
    }

    /// What is changed.
    package var kind: ChangeKind
    /// The account as the operator sees it here; the change is bound to this version of it.
    package var account: Account
    package var stage = Stage.form
    package var form = Form<Field>(focus: .method, confirmation: .confirmation)
    /// The ways in which the new value may come about, as the form offers them.
    package private(set) var options: [AccountAction] = []
    /// Whether the policy protects the account, so that this change needs a second person; nil until it is known.
    package var isProtected: Bool?
    /// Whether it is only alike to what was searched for.
    package let isAlike: Bool
    /// What goes with the account, as it was read last; nil before.
    package var facts: PersonFacts?
    /// What the rules say of the typed password.
    package var assessment: PasswordAssessment?
    /// What stands between the form and its being sent.
    package var problem: String?
    /// What was filled in for the change before and stands in the form.
    package var kept: Carried?
    /// A ticket that the policy does not take, and that was not corrected since.
    package var wrongTicket: String?
    /// The ticket that the policy takes.
    package var goodTicket: String?
    /// Whether what was confirmed here got a receipt, if only for its refusal.
    package var wasAnswered = false
    /// What changed on the account while the dialog was open.
    package var changes: [String] = []
    /// Until when the typed secret is shown.
    package var revealedUntil: Int?
    /// Until when the receipt shows the new value; nil while it is hidden.
    package var secretShownUntil: Int?
    /// The line of the new value that alone is shown; nil where all are.
    package var receiptLine: Int?
    /// The receipt of the request that was made from here to a second person, until it is decided.
    package var asked: Int?
    /// What that person decided: whether it was approved, and in words.
    package var decision: Decision?
    /// Whether it was confirmed before that and the ticket were looked at: it is then sent, unless there is something to be
    /// read first.
    package var isConfirmedEarly = false
    /// How the change that was sent is getting on.
    package var work: ChangeWork?
    /// The action that was submitted, for the words of the receipt.
    package var submitted: AccountAction?
    /// The account as it was before, for them too.
    package var before: Account?
    /// The first line below the person that is shown, where not all are.
    package var top = 0

    package init(kind: ChangeKind, account: Account, facts: PersonFacts?, _ shared: Shared) {
        self.kind = kind
        self.account = account
        self.facts = facts
        isAlike = shared.alike.contains(account.id)
        refreshFields(shared.context.policy)
        form.focus = form.fields[0].id
        if let fields = shared.lastFields { take(fields) }
        if form[.method] == nil { form.focus = form.fields.first { mustVisit($0) }?.id ?? .confirmation }
    }

    /// What is chosen, or all that there is to choose.
    package var chosen: AccountAction { form.choice(.method).map { options[$0] } ?? kind.actions[0] }

    package mutating func choose(_ action: AccountAction) { form.choose(.method, options.firstIndex(of: action)) }

    /// What was typed is none of what is chosen.
    package mutating func chooseFirst() {
        choose(kind.actions[0])
        wipeSecrets()
    }

    /// What is done, by what is chosen.
    package var title: String { chosen.title ?? kind.title }

    /// Brings the fields in line with the method, the account and the policy; what was filled in stays.
    package mutating func refreshFields(_ policy: Policy) {
        let before = chosen
        options = kind.actions(under: policy)
        form.set(fields(policy, before))
    }

    /// Only what the method and the policy ask for, in order.
    private func fields(_ policy: Policy, _ action: AccountAction) -> [FormField<Field>] {
        var fields: [FormField<Field>] = []
        /// Adds what is part of what is done to the account, rather than of why.
        func add(_ id: Field, _ label: String, brief: String? = nil, _ content: FormField<Field>.Content) {
            fields.append(
                FormField(
                    id: id, label: label, brief: brief, isRequired: id != .method, content: content, columns: 10,
                    takesPaste: id != .weak, isConfirmed: true))
        }
        if kind.noun != nil && !options.isEmpty || options.count > 1 {
            add(
                .method, kind.noun == nil ? "Send" : "New value",
                .choice(ChoiceField(options.map(\.option), chosen: options.firstIndex(of: action) ?? 0)))
            if action.value.isTyped, options.contains(action) {
                add(.secret, "New \(kind.noun ?? "value")", .secret(SecretEntry()))
                if action.value.isMasked { add(.again, "Again", .secret(SecretEntry())) }
            }
        }
        if needsWeakWord { add(.weak, "Type weak to accept", brief: "Type weak", .text(TextField(limit: 10))) }
        if needsLocalPassword {
            add(
                .localPassword, "Local password",
                .choice(ChoiceField(["no, keep SSO", "yes, instead of SSO"], chosen: 0)))
        }
        if !policy.verificationMethods.isEmpty, !action.standsAlone {
            let choice = ChoiceField(policy.verificationMethods.map { DisplayText.visible($0.name) })
            fields.append(
                FormField(
                    id: .verifiedBy, label: "Caller verified by", brief: "Verified by",
                    isRequired: facts?.caller?.proof == nil,
                    content: .choice(choice)))
        }
        let word = isNamed ? "username" : "yes"
        return fields + [
            FormField(
                id: .reason, label: "Reason",
                isRequired: policy.requiresReason || action.needsReason
                    // Whoever lifts what the person reported says what came of it.
                    || kind == .unfreeze && facts?.obstacles?.freeze?.isReported == true,
                content: .text(TextField(limit: 1000))),
            FormField(
                id: .ticket, label: "Ticket", isRequired: policy.requiresTicket, content: .text(TextField(limit: 100)),
                columns: 30),
            FormField(
                id: .confirmation, label: "Type \(word) to confirm", brief: "Type \(word)",
                content: .text(TextField(limit: 200)), columns: isNamed ? .max : 10, takesPaste: false),
        ]
    }

    /// Whether the change is confirmed by who it is for, in place of a `yes`.
    package var isNamed: Bool { isProtected == true || isAlike }

    private var needsLocalPassword: Bool { chosen.givesPassword && account.signIn == .external }

    package var wantsLocalPassword: Bool { needsLocalPassword && form.choice(.localPassword) == 1 }

    /// Whether the typed password is one that only the word `weak` lets through.
    package var needsWeakWord: Bool {
        guard chosen.value == .typedPassword, case .refused(let finding) = assessment?.verdict(allowWeak: false)
        else {
            return false
        }
        return finding.isOverridable && assessment?.findings.allSatisfy(\.isOverridable) == true
    }

    package var isWeakConfirmed: Bool { form.text(.weak) == "weak" }

    /// This operator's approval of just this change; nil where there is none that is still good.
    package var grant: ApprovalRequest? { facts?.grant { $0 == chosen.name } }
}
