package import AccountDisplay
package import ConvonetCore
import ConvonetDatabase
package import FoundationEssentials
package import OperatingSystem
package import TerminalKit

/// A second person's word on a request: reviewed, perhaps with a reason, and confirmed by a typed `yes`.
package struct DecisionForm: Menu {
    package enum Field: Hashable, Sendable {
        case decision, reason, confirmation
    }

    package let request: ApprovalRequest
    /// Whose account it is, as it was read; nil before.
    package private(set) var known: PersonFacts?
    /// Why that could not be read.
    private var failure: String?
    package private(set) var form = Form<Field>(focus: .decision, confirmation: .confirmation)
    package private(set) var problem: String?

    package init(_ request: ApprovalRequest) {
        self.request = request
        // Nothing is chosen at first: nothing is approved by not looking.
        form.set([
            FormField(
                id: .decision, label: "Decision", isRequired: true,
                content: .choice(ChoiceField(["approve, once", "deny"])), isConfirmed: true),
            FormField(id: .reason, label: "Your reason", brief: "Reason", content: .text(TextField(limit: 1000))),
            FormField(
                id: .confirmation, label: "Type yes", content: .text(TextField(limit: 10)), columns: 10,
                takesPaste: false),
        ])
    }

    package var title: String { "Request \(request.id): \(ActionName.words(request.action))" }

    package var deadlines: [Timestamp] { [request.expiresAt] }
    package var person: UUID? { request.accountID }

    /// Nothing is decided for somebody who was not seen.
    package mutating func take(_ dossier: AccountDossier, _ shared: inout Shared) {
        switch dossier.account {
        case .success(let account?):
            var facts = PersonFacts(account)
            facts.take(dossier, mayReadLog: shared.context.mayReadLog)
            known = facts
        case .success(nil): failure = "This account was deleted."
        case .failure(let error): failure = error.inConsole
        }
        if problem == ResetDialog.checking { problem = nil }
        form.setText(.confirmation, "")
        shared.awaitPaint()
    }

    package var hints: [Footer.Hint] {
        form.hints(choose: "1 2 ← →", enter: form.focus == .confirmation ? "confirm" : "next")
    }

    package func draw(into buffer: inout Buffer, _ shared: Shared) {
        dialog(PersonLines.room(buffer.size), shared).draw(into: &buffer) { form.draw($0, into: &$1, $2, labels: $3) }
    }

    package func spoken(_ shared: Shared) -> Spoken { dialog(PersonLines.spokenRoom, shared).spoken }

    private func dialog(_ room: Int, _ shared: Shared) -> PersonDialog<Field> {
        PersonDialog(
            title: title, person: whom(room), essence: [essence(room, shared.viewer)],
            body: lines(room, shared), notice: notices(room), form: form)
    }

    package var decision: ApprovalQueue.Decision { form.choice(.decision) == 0 ? .approve : .deny }

    package var reasonText: String? { form[.reason]?.isEmpty == true ? nil : form.text(.reason) }

    package mutating func apply(_ key: Key) { take(form.apply(key, fault: Self.fault(of: form))) }

    package mutating func paste(_ text: String) -> Bool {
        take(form.paste(text))
        return true
    }

    private mutating func take(_ outcome: Form<Field>.Outcome) {
        if case .refused(let reason) = outcome { problem = reason } else { problem = nil }
    }

    private static func fault(of form: Form<Field>) -> (Field) -> String? {
        { $0 == .decision && form.choice(.decision) == nil ? "Choose 1 to approve or 2 to deny." : nil }
    }

    /// Goes to the next field, or from `yes` says whether it can be sent.
    package mutating func accept() -> Bool {
        let fault = Self.fault(of: form)
        let isLast = form.focus == .confirmation
        if let obstacle = isLast ? form.obstacle(fault) : form.firstFault(fault) {
            problem = obstacle.text
            form.focus = obstacle.field
            form.endStraying()
            return false
        }
        problem = isLast && known == nil && failure == nil ? ResetDialog.checking : nil
        // Whoever denies has something to say.
        if !isLast { form.focus = form.focus == .decision && decision == .deny ? .reason : .confirmation }
        return isLast && problem == nil
    }
}

extension DecisionForm {
    /// The account as it is now. Before it was read there is only what it was called when the request was made.
    private func whom(_ room: Int) -> PersonLines {
        guard let known else {
            return PersonLines(
                name: "", email: request.accountEmail, username: request.accountUsername,
                idText: request.accountID.uuidString.lowercased())
        }
        let states = known.states.map(\.word).joined(separator: ", ")
        let style = known.states.map(\.style).first { $0 != .good && $0 != .plain } ?? .good
        return PersonLines(
            known.account, states: PersonLines.fact("State", states, style, room), shortStates: states,
            shortStyle: style)
    }

    private func essence(_ room: Int, _ viewer: Viewer) -> Line {
        Line(TextWidth.fitted("asked by " + viewer.words(request.requester), to: room), .strong)
    }

    private func notices(_ room: Int) -> [Line] {
        let isSame = known.map { $0.account.email == request.accountEmail } ?? true
        let before = isSame ? nil : "When it was asked for, the e-mail address was \(request.accountEmail)."
        return [(failure, Style.danger), (before, .caution), (problem, .danger)].flatMap {
            Line.wrapped($0.0, $0.1, columns: room)
        }
    }

    /// The request and the form; the requester's own words come last and have an end, so that they push nothing out of sight.
    private func lines(_ room: Int, _ shared: Shared) -> [PersonDialog<Field>.Row] {
        typealias Row = PersonDialog<Field>.Row
        let labels = PersonLines.labelColumns(room)
        let columns = room - labels
        let valid = "valid until \(shared.times.until(request.expiresAt))"
        let facts: [(String, String?, Style)] = [
            ("Asked by", shared.viewer.words(request.requester), .strong), ("Ticket", request.ticket, .plain),
            (
                "Verified by",
                request.points.map { "proven by \(CallerWay.words(request.ways ?? "-")), \($0) points" }
                    ?? request.verifiedBy, .plain
            ),
            ("When", "\(Age.ago(request.requestedAt, now: shared.now)), \(valid)", .plain),
        ]
        let reason = TextWrap.lines(request.reason ?? "-", columns: columns)
        let shown =
            reason.count > 3
            ? [reason[0], reason[1], TextWidth.fitted(reason[2] + " " + reason[3], to: columns)] : reason
        let lines = Line.facts(
            facts.map { Line.Fact($0.0, TextWidth.fitted($0.1 ?? "-", to: columns), $0.2) }
                + shown.enumerated().map { Line.Fact($0.offset == 0 ? "Reason" : "", $0.element) },
            labels: labels, columns: room)
        let rows = form.rows(labels: labels, columns: room) { _ in [] }
        return ([Line.blank] + lines + [Line.blank]).map(Row.line) + rows.map(Row.form)
    }
}
