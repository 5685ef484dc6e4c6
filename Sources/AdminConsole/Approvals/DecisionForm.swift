import ConvonetCore
import TerminalKit

/// A second person's word on a request: reviewed, perhaps with a reason, and confirmed by a typed `yes`.
struct DecisionForm: Menu {
    enum Field: Hashable, Sendable {
        case decision, reason, confirmation
    }

    let request: ApprovalRequest
    private(set) var form = Form<Field>(focus: .decision)
    private(set) var problem: String?

    init(_ request: ApprovalRequest) {
        self.request = request
        // Nothing is chosen at first: nothing is approved by not looking.
        form.set([
            FormField(
                id: .decision, label: "Decision", isRequired: true,
                content: .choice(ChoiceField(["approve, once", "deny"]))),
            FormField(id: .reason, label: "Your reason", content: .text(TextField(limit: 1000))),
            FormField(
                id: .confirmation, label: "Type yes",
                content: .text(TextField(limit: 10), columns: 10, takesPaste: false)),
        ])
    }

    var title: String { "Request \(request.id)" }

    var hints: [Footer.Hint] {
        [
            .field,
            form.isText ? Footer.Hint("Ctrl-U", "clear", priority: 4) : Footer.Hint("1 2 ← →", "choose", priority: 8),
            Footer.Hint("Enter", form.focus == .confirmation ? "confirm" : "next", priority: 8),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let columns = min(MenuDialog.columns, buffer.size.columns - 4)
        FormDialog(
            title: title, facts: lines(columns - FormDialog<Field>.labelColumns, console.shared.times), form: form,
            notice: problem.map { [($0, Style.danger)] } ?? []
        ).draw(into: &buffer, columns: MenuDialog.columns)
    }

    var decision: ApprovalDesk.Decision { form.choice(.decision) == 0 ? .approve : .deny }

    var reasonText: String? { form[.reason]?.isEmpty == true ? nil : form.text(.reason) }

    mutating func apply(_ key: Key) { take(form.apply(key)) }

    mutating func paste(_ text: String) -> Bool {
        take(form.paste(text))
        return true
    }

    private mutating func take(_ outcome: Form<Field>.Outcome) {
        problem = nil
        switch outcome {
        // A yes holds for what it was typed to.
        case .edited: if form.focus == .decision { form.setText(.confirmation, "") }
        case .refused(let reason): problem = reason
        case .strayed(let letter):
            // Whoever chose and types on means the word at the end.
            if form.choice(.decision) == nil {
                problem = "Choose 1 to approve or 2 to deny."
            } else if let key = letter.first {
                form.focus = .confirmation
                _ = form.apply(.character(key))
            }
        case .moved, .ignored: break
        }
    }

    /// Goes to the next field, or from `yes` says whether it can be sent.
    mutating func accept() -> Bool {
        problem = nil
        guard form.choice(.decision) != nil else {
            form.focus = .decision
            problem = "Choose 1 to approve or 2 to deny."
            form.endStraying()
            return false
        }
        guard form.focus == .confirmation else {
            // Whoever denies has something to say.
            form.focus = form.focus == .decision && decision == .deny ? .reason : .confirmation
            return false
        }
        guard form.text(.reason).lowercased() != "yes" else {
            form.focus = .reason
            problem = "“yes” is not a reason. Enter why, or clear the field (Ctrl-U)."
            return false
        }
        guard form.text(.confirmation) == "yes" else {
            problem = "Type yes, in lower case, to confirm."
            return false
        }
        return true
    }

    /// The request itself, above the form; the requester's own words come last and have an end, so that they push nothing
    /// out of sight.
    private func lines(_ columns: Int, _ times: Times) -> [PersonFacts.Fact] {
        let facts: [(String, String?, Style)] = [
            ("What", ActionName.words(request.action), .strong), ("For", request.accountEmail, .strong),
            ("", "@" + request.accountUsername, .plain), ("Asked by", request.requester, .strong),
            ("Ticket", request.ticket, .plain), ("Verified by", request.verifiedBy, .plain),
            (
                "When",
                "\(Age.ago(request.requestedAt, now: times.now)), valid until \(times.until(request.expiresAt))", .plain
            ),
        ]
        let reason = TextWrap.lines(DisplayText.visible(request.reason ?? "-"), columns: columns)
        let shown =
            reason.count > 3
            ? Array(reason.prefix(2)) + [TextWidth.fitted(reason[2] + " " + reason[3], to: columns)] : reason
        return facts.map {
            PersonFacts.Fact(
                label: $0.0, text: TextWidth.fitted(DisplayText.visible($0.1 ?? "-"), to: columns), style: $0.2)
        } + shown.enumerated().map { PersonFacts.Fact(label: $0.offset == 0 ? "Reason" : "", text: $0.element) }
    }
}
