import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import TerminalKit

/// A second person's word on a request: reviewed, perhaps with a reason, and confirmed by a typed `yes`.
struct DecisionForm: Menu {
    enum Field: Hashable, Sendable {
        case decision, reason, confirmation
    }

    let request: ApprovalRequest
    /// Whose account it is, as it was read; nil before.
    private(set) var known: PersonFacts?
    /// Why that could not be read.
    private var failure: String?
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

    var title: String { "Request \(request.id): \(ActionName.words(request.action))" }

    var person: UUID? { request.accountID }

    /// Nothing is decided for somebody who was not seen.
    mutating func take(_ dossier: AccountDossier, _ shared: inout Shared) {
        switch dossier.account {
        case .success(let account?):
            var facts = PersonFacts(account)
            facts.take(dossier, mayReadLog: shared.context.mayReadLog)
            known = facts
        case .success(nil): failure = "This account was deleted."
        case .failure(let error): failure = error.description
        }
        if problem == ResetDialog.checking { problem = nil }
        form.setText(.confirmation, "")
        shared.awaitPaint()
    }

    var hints: [Footer.Hint] {
        [
            .field,
            form.isText ? Footer.Hint("Ctrl-U", "clear", priority: 4) : Footer.Hint("1 2 ← →", "choose", priority: 8),
            Footer.Hint("Enter", form.focus == .confirmation ? "confirm" : "next", priority: 8),
        ]
    }

    func draw(into buffer: inout Buffer, in console: Console) {
        let room = PersonDialog<Field>.room(buffer.size)
        PersonDialog(
            title: title, person: whom(room), essence: [essence(room, console.shared.viewer)],
            body: lines(room, console.shared), notice: notices(room), form: form
        ).draw(into: &buffer) { form.draw($0, into: &$1, $2, labels: $3) }
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
        if known == nil, failure == nil { problem = ResetDialog.checking }
        return problem == nil
    }
}

extension DecisionForm {
    private typealias Line = PersonDialog<Field>.Line

    /// The account as it is now. Before it was read there is only what it was called when the request was made.
    private func whom(_ room: Int) -> PersonLines<Field> {
        guard let known else {
            return PersonLines(
                name: "", email: request.accountEmail, username: request.accountUsername,
                idText: request.accountID.uuidString.lowercased())
        }
        let states = known.states.map(\.word).joined(separator: ", ")
        let style = known.states.map(\.style).first { $0 != .good && $0 != .plain } ?? .good
        return PersonLines(
            known.account, states: PersonDialog<Field>.wrapped("State", states, style, room), shortStates: states,
            shortStyle: style)
    }

    private func essence(_ room: Int, _ viewer: Viewer) -> Line {
        .text(TextWidth.fitted("asked by " + viewer.words(request.requester), to: room), .strong)
    }

    private func notices(_ room: Int) -> [Line] {
        var said: [(String, Style)] = []
        if let failure { said.append((failure, .danger)) }
        if let account = known?.account, account.email != request.accountEmail {
            said.append(("When it was asked for, the e-mail address was \(request.accountEmail).", .caution))
        }
        if let problem { said.append((problem, .danger)) }
        return said.flatMap { text, style in
            TextWrap.lines(DisplayText.visible(text), columns: room).map { .text($0, style) }
        }
    }

    /// The request and the form; the requester's own words come last and have an end, so that they push nothing out of sight.
    private func lines(_ room: Int, _ shared: Shared) -> [Line] {
        let columns = room - PersonDialog<Field>.labelColumns(room)
        func pair(_ label: String, _ text: String?, _ style: Style = .plain) -> Line {
            .pair(label, TextWidth.fitted(DisplayText.visible(text ?? "-"), to: columns), style)
        }
        let valid = "valid until \(shared.times.until(request.expiresAt))"
        let reason = TextWrap.lines(DisplayText.visible(request.reason ?? "-"), columns: columns)
        let shown =
            reason.count > 3
            ? Array(reason.prefix(2)) + [TextWidth.fitted(reason[2] + " " + reason[3], to: columns)] : reason
        let facts: [Line] = [
            pair("Asked by", shared.viewer.words(request.requester), .strong), pair("Ticket", request.ticket),
            pair("Verified by", request.verifiedBy),
            pair("When", "\(Age.ago(request.requestedAt, now: shared.now)), \(valid)"),
        ]
        let rows = form.rows(labels: PersonDialog<Field>.labelColumns(room), columns: room) { _ in [] }
        return [.text("", .plain)] + facts
            + shown.enumerated().map { .pair($0.offset == 0 ? "Reason" : "", $0.element, .plain) }
            + [.text("", .plain)] + rows.map { .form($0) }
    }
}
