package import ConvonetCore
package import OperatingSystem
import PostgresClient
package import TerminalKit

/// What limits the log, as it is filled in: what `audit list` takes as options.
package struct AuditFilterForm: Menu {
    package enum Field: Hashable, Sendable {
        case account, operatorName, action, outcome, caller, since, until, ticket
    }

    package private(set) var form = Form<Field>(focus: .account)
    /// What is wrong; until the next key.
    package private(set) var problem: String?

    private static let outcomes = ["done", "refused", "conflict", "failed"]

    /// A form that limits nothing; `hasAccount` where it is not one account's log anyway.
    package init(hasAccount: Bool) {
        func text(_ id: Field, _ label: String, limit: Int) -> FormField<Field> {
            FormField(id: id, label: label, content: .text(TextField(limit: limit)), columns: 44)
        }
        func choice(_ id: Field, _ label: String, _ options: [String]) -> FormField<Field> {
            FormField(id: id, label: label, content: .choice(ChoiceField(["any"] + options, chosen: 0)))
        }
        form.set(
            (hasAccount ? [text(.account, "Account", limit: 320)] : []) + [
                text(.operatorName, "Operator", limit: 100),
                choice(.action, "Action", ActionName.known.map(\.1)), choice(.outcome, "Outcome", Self.outcomes),
                choice(.caller, "Caller", ["unproven"]),
                text(.since, "Since", limit: 40), text(.until, "Until", limit: 40), text(.ticket, "Ticket", limit: 100),
            ])
        form.focus = form.fields[0].id
    }

    /// A form in which this is filled in.
    package init(operatorName: String? = nil, action: String? = nil, since: String) {
        self.init(hasAccount: true)
        if let operatorName { form.setText(.operatorName, operatorName) }
        if let place = ActionName.known.firstIndex(where: { $0.name == action }) { form.choose(.action, place + 1) }
        form.setText(.since, since)
    }

    package var isEmpty: Bool { form.fields.allSatisfy { $0.isEmpty || form.choice($0.id) == 0 } }

    package var title: String { "Filter the log" }

    package var hints: [Footer.Hint] { form.hints(enter: "show") }

    private var dialog: FormDialog<Field> {
        FormDialog(title: title, form: form, notice: problem.map { ($0, Style.danger) } ?? (note, .dim))
    }

    package func draw(into buffer: inout Buffer, _ shared: Shared) {
        dialog.draw(into: &buffer, columns: MenuDialog.columns)
    }

    package func spoken(_ shared: Shared) -> Spoken { dialog.spoken }

    /// What is said of the field in focus.
    private var note: String {
        switch form.focus {
        case .account: "E-mail address, username or id, exactly."
        case .operatorName: "System user or database user, exactly."
        case .caller: "Unproven: changes made on somebody's word alone."
        case .action, .outcome: "1 to 9, ← and → choose."
        case .since, .until: "For example 7d, 24h, 30m, 2026-01-31 or 2026-01-31T09:30:00Z."
        case .ticket: "Exactly as it was entered."
        }
    }

    private func fault(_ id: Field) -> String? {
        guard id == .since || id == .until, let field = form[id], !field.isEmpty,
            MomentText(parsing: form.text(id)) == nil
        else { return nil }
        return MomentText.complaint(field.label)
    }

    /// Goes to what is wrong, if anything is.
    package mutating func accept() -> Bool {
        guard let wrong = form.firstFault(fault) else { return true }
        problem = wrong.text
        form.focus = wrong.field
        return false
    }

    package mutating func apply(_ key: Key) {
        if key == .control("u"), case .choice = form[form.focus]?.content {
            problem = nil
            form.choose(form.focus, 0)
        } else {
            take(form.apply(key) { _ in nil })
        }
    }

    package mutating func paste(_ text: String) -> Bool {
        take(form.paste(text))
        return true
    }

    private mutating func take(_ outcome: Form<Field>.Outcome) {
        problem = nil
        switch outcome {
        case .refused(let reason): problem = reason
        case .moved(let left): problem = fault(left)
        case .edited, .ignored: break
        }
    }

    private func chosen(_ id: Field) -> Int? { form.choice(id).flatMap { $0 == 0 ? nil : $0 - 1 } }

    /// What it selects; times are counted back from `now`.
    package func selection(now: Timestamp) -> AuditSelection {
        func text(_ id: Field) -> String? {
            let text = form.text(id).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return text.isEmpty ? nil : text
        }
        return AuditSelection(
            account: text(.account).map(AuditSelection.Subject.init(named:)), operatorName: text(.operatorName),
            action: chosen(.action).map { ActionName.known[$0].0 },
            outcome: chosen(.outcome).map { Self.outcomes[$0] },
            since: text(.since).flatMap { MomentText(parsing: $0)?.beginning(now: now) },
            until: text(.until).flatMap { MomentText(parsing: $0)?.end(now: now) }, ticket: text(.ticket),
            isUnproven: chosen(.caller) != nil)
    }

    /// The selection in words, such as `refused; by bert; since 2026-01-31 09:30`.
    package func words(of selection: AuditSelection, _ times: Times) -> String {
        [
            selection.action.map(ActionName.words), selection.outcome,
            form.text(.account).isEmpty ? nil : "for \(form.text(.account))", selection.operatorName.map { "by \($0)" },
            selection.since.map { "since \(times.minute($0))" }, selection.until.map { "until \(times.minute($0))" },
            selection.ticket.map { "ticket \($0)" }, selection.isUnproven ? "caller unproven" : nil,
        ].compactMap { $0 }.joined(separator: "; ")
    }
}
