import AccountDisplay
import AccountPolicy
import ConsoleRequests
import ConvonetCore
import FoundationEssentials
import TerminalKit

/// One change of everybody who is marked: who they are and why, what would become of each, a yes for their number, and what
/// became of each.
struct BatchDialog: Overlay {
    /// Where the dialog is.
    enum Stage: Equatable, Sendable {
        /// What is done, and why.
        case form
        /// It is found out what would become of each.
        case looking
        /// That is shown, and waits for the number.
        case review
        /// One after the other is changed.
        case running
        /// It is shown what became of each.
        case ended
    }

    enum Field: Hashable, Sendable {
        case action, verifiedBy, reason, ticket, confirmation
    }

    /// What can be done, the likeliest first.
    let actions: [AccountAction]
    /// Those who are marked, as they were then.
    let people: [Account]
    /// The list that they are marked in.
    let opener: Int
    var stage = Stage.form
    /// What and why.
    var form: Form<Field>
    /// The number that confirms.
    var word = Self.word(for: 0)
    var batch: Batch?
    /// What changed of somebody since they were marked.
    var changed: [UUID: String] = [:]
    /// How many were looked at, or carried out.
    var done = 0
    /// The places of those that are carried out.
    var accepted: [Int] = []
    var isStopping = false
    /// What stands in the way, or how it is getting on.
    var problem: String?
    /// The first line of the people that is shown.
    var top = 0

    init(_ actions: [AccountAction], of people: [Account], opener: Int, _ policy: Policy) {
        self.actions = actions
        self.people = people
        self.opener = opener
        form = Form(focus: actions.count > 1 ? .action : .reason)
        setFields(policy)
    }

    static func word(for number: Int) -> Form<Field> {
        var form = Form<Field>(focus: .confirmation, confirmation: .confirmation)
        form.set([
            FormField(
                id: .confirmation, label: "Type yes \(number)", content: .text(TextField(limit: 20)), columns: 12,
                takesPaste: false)
        ])
        return form
    }

    /// What is chosen.
    var action: AccountAction { actions[form.choice(.action) ?? 0] }

    /// What has to be typed.
    var wanted: Int { batch?.count(.wouldDo) ?? 0 }

    mutating func setFields(_ policy: Policy) {
        let chosen = form.choice(.action) ?? 0
        var fields: [FormField<Field>] = []
        if actions.count > 1 {
            let names = actions.map { $0.option.isEmpty ? $0.words.attempt : $0.option }
            fields.append(
                FormField(
                    id: .action, label: "Change", isRequired: true, content: .choice(ChoiceField(names, chosen: chosen))
                ))
        }
        if !policy.verificationMethods.isEmpty, !actions[chosen].standsAlone {
            let names = policy.verificationMethods.map { DisplayText.visible($0.name) }
            fields.append(
                FormField(
                    id: .verifiedBy, label: "Verified by", isRequired: true, content: .choice(ChoiceField(names))))
        }
        form.set(
            fields + [
                FormField(
                    id: .reason, label: "Reason", isRequired: policy.requiresReason || actions[chosen].needsReason,
                    content: .text(TextField(limit: 1000))),
                FormField(
                    id: .ticket, label: "Ticket", isRequired: policy.requiresTicket,
                    content: .text(TextField(limit: 100)), columns: 30),
            ])
    }

    /// What is missing in a field; nil where nothing is.
    func fault(_ id: Field) -> String? {
        guard let field = form[id], field.isRequired, field.isEmpty else { return nil }
        return switch id {
        case .verifiedBy: "Choose how the people were verified."
        case .reason: "Enter a reason."
        default: "Enter a ticket."
        }
    }

    func context(_ policy: Policy) -> ChangeContext {
        ChangeContext(
            reason: form.text(.reason), ticket: form.text(.ticket),
            verifiedBy: form.choice(.verifiedBy).map { policy.verificationMethods[$0].name })
    }
}
