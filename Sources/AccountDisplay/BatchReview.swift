package import AccountPolicy
package import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
package import OperatingSystem
package import TerminalKit

/// A change of several people as a dialog goes through it: why, what would become of each, a yes for their number, and what
/// became of each. It says who is next; somebody else asks and carries out.
package struct BatchReview: Sendable {
    /// Where it is.
    package enum Stage: Equatable, Sendable {
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

    package enum Field: Hashable, Sendable {
        case action, verifiedBy, reason, ticket, confirmation
    }

    /// What can be done, the likeliest first.
    let actions: [AccountAction]
    /// Those who are marked, as they were then, without who is gone.
    package private(set) var people: [Account]
    /// Those who were marked and are nobody any more.
    package private(set) var gone: [Account] = []
    /// Who is selected in the list meanwhile, and perhaps not marked; nil where nobody is.
    let selected: Account?
    package private(set) var stage = Stage.form
    /// What and why.
    package private(set) var form: Form<Field>
    /// The number that confirms.
    package var word = Self.word(for: 0)
    package private(set) var batch: Batch?
    /// What changed of somebody since they were marked, or seen.
    var changed: [UUID: String] = [:]
    /// What was confirmed, while it is found out once more whether all of it is still so.
    private(set) var reviewed: Batch?
    /// Those who are to be looked at or carried out, and how many of them are done.
    var places: [Int] = []
    var done = 0
    package var isStopping = false
    /// What stands in the way, or how it is getting on.
    package var problem: String?
    /// The first line of the people that is shown.
    package var top = 0

    package init(_ actions: [AccountAction], of people: [Account], selected: Account?, _ policy: Policy) {
        self.actions = actions
        self.selected = selected
        self.people = people
        form = Form(focus: actions.count > 1 ? .action : .reason, isConfirmedLater: true)
        setFields(policy)
    }

    private static func word(for number: Int) -> Form<Field> {
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

    /// How many are to be changed.
    package var wanted: Int { batch?.count(.wouldDo) ?? 0 }

    /// The next place in the batch, to be looked at or carried out; nil where none is left or it goes no further.
    package var next: Int? { batch?.ending == nil && done < places.count ? places[done] : nil }

    /// Brings the fields in line with the policy and what is chosen.
    package mutating func setFields(_ policy: Policy) {
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
                FormField(id: .verifiedBy, label: "Verified by", isRequired: true, content: .choice(ChoiceField(names)))
            )
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

    /// What is wrong with a field; nil where nothing is.
    private static func fault(_ id: Field, _ form: Form<Field>) -> String? {
        form.fault(id) { id in
            guard let field = form[id], field.isRequired, field.isEmpty else { return nil }
            return switch id {
            case .verifiedBy: "Choose how the people were verified."
            case .reason: "Enter a reason."
            default: "Enter a ticket."
            }
        }
    }

    /// Gives the form a key, or something pasted.
    package mutating func fill(
        _ policy: Policy, _ change: (inout Form<Field>, (Field) -> String?) -> Form<Field>.Outcome
    ) {
        problem = nil
        let before = form
        switch change(&form, { Self.fault($0, before) }) {
        case .refused(let reason): problem = reason
        case .edited where form.focus == .action: setFields(policy)
        case .moved(let left): problem = Self.fault(left, form)
        case .edited, .ignored: break
        }
    }

    /// Goes to the next field; from the last one true: everybody is to be looked at.
    package mutating func enter() -> Bool {
        problem = Self.fault(form.focus, form)
        if problem != nil {
            form.endStraying()
            return false
        }
        guard form.focus == .ticket else {
            form.advance { _ in true }
            return false
        }
        let filled = form
        if let missing = form.firstFault({ Self.fault($0, filled) }) {
            (form.focus, problem) = (missing.field, missing.text)
            return false
        }
        (stage, done, top, changed) = (.looking, 0, 0, [:])
        return true
    }

    /// Back to the form, perhaps with what went wrong.
    package mutating func goBack(_ problem: String? = nil) {
        (stage, batch, reviewed, top, self.problem) = (.form, nil, nil, 0, problem)
    }

    /// Takes those who are there now. Each review is a batch of its own: what was done to the same people before is no part of it.
    package mutating func take(_ found: [Account], _ policy: Policy, now: Timestamp, user: String) {
        let byID = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        gone += people.filter { byID[$0.id] == nil }
        people.removeAll { byID[$0.id] == nil }
        let accounts = people.compactMap { byID[$0.id] }
        for (before, account) in zip(people, accounts) {
            let changes = AccountChanges.between(before, account, now: now)
            if !changes.isEmpty { changed[account.id] = "Since marked: " + changes.joined(separator: "; ") }
        }
        let context = ChangeContext(
            reason: form.text(.reason), ticket: form.text(.ticket),
            verifiedBy: form.choice(.verifiedBy).map { policy.verificationMethods[$0].name })
        batch = AccountChange.Action(forMany: action.optionName).map {
            Batch(
                accounts.enumerated().map { ($0.offset + 1, $0.element) }, action: $0, context: context,
                name: "console \(now.microseconds)", user: user)
        }
        places = Array(accounts.indices)
    }

    /// Takes what was found out of the next one, or what became of them.
    package mutating func take(_ row: Batch.Row, at place: Int) {
        batch?.take(row, at: place)
        done += 1
        if stage == .running { problem = nil }
    }

    /// Everybody was looked at. True where that was asked for once more and all is as it was confirmed: then it is carried out.
    package mutating func endLooking() -> Bool {
        if case .refused(_, let message) = batch?.ending {
            goBack(message)
            return false
        }
        guard let batch, let reviewed else {
            (stage, word) = (.review, Self.word(for: wanted))
            return false
        }
        self.reviewed = nil
        let differences = reviewed.differences(from: batch)
        guard differences.isEmpty else {
            for (id, words) in differences { changed[id] = words }
            let others = reviewed.rows.map(\.account).filter { differences[$0.id] != nil }
            problem = "Something changed since you looked, for \(Marks.names(others)). Look again."
            (stage, word) = (.review, Self.word(for: wanted))
            return false
        }
        (stage, problem, done, top, places, isStopping) = (.running, nil, 0, 0, batch.accepted, false)
        return true
    }

    /// Whether the number was typed: then everybody is to be looked at once more.
    package mutating func confirm() -> Bool {
        guard let batch, wanted > 0 else { return false }
        guard word.text(.confirmation) == "yes \(wanted)" else {
            problem = "Type yes \(wanted), with the number, to confirm."
            return false
        }
        (stage, problem, done, top, reviewed, changed) = (.looking, nil, 0, 0, batch, [:])
        return true
    }

    /// It goes no further.
    package mutating func stop() { batch?.stop() }

    /// All that could be carried out are.
    package mutating func end() {
        batch?.leaveRest()
        (stage, problem) = (.ended, nil)
    }
}
