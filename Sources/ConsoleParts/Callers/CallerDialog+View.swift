import AccountDisplay
import AccountPolicy
import ConvonetCore
import OperatingSystem
import PostgresClient
package import TerminalKit

extension CallerDialog {
    package func hints(_ shared: Shared) -> [Footer.Hint] {
        if work != nil { return [Footer.Hint("", "please wait"), .close] }
        let enter = form[.code]?.isEmpty == false ? "check" : isWaitingForCode ? "" : "send a code"
        return (enter.isEmpty ? [] : [Footer.Hint("Enter", enter, priority: 8)])
            + (isWaitingForCode && known?.codesLeft != 0 ? [Footer.Hint("Ctrl-G", "another code", priority: 6)] : [])
            + [.close]
    }

    package func draw(into buffer: inout Buffer, _ shared: Shared) {
        dialog(PersonLines.room(buffer.size), shared)
            .draw(into: &buffer) { form.draw($0, into: &$1, $2, labels: $3) }
    }

    package func spoken(_ shared: Shared) -> Spoken { dialog(PersonLines.spokenRoom, shared).spoken }

    private func dialog(_ room: Int, _ shared: Shared) -> PersonDialog<Field> {
        typealias Row = PersonDialog<Field>.Row
        let labels = PersonLines.labelColumns(room)
        let alike =
            shared.alike.contains(account.id)
            ? PersonLines.fact("Alike", "nobody had what you searched for", .caution, room) : []
        let lines =
            alike + [.blank] + ways(room, shared.context.policy) + [.blank] + statusLines(room, shared) + [.blank]
        let rows = form.rows(labels: labels, columns: room) { _ in [] }
        return PersonDialog(
            title: "Who is speaking?", person: PersonLines(account, states: [], shortStates: ""),
            essence: alike + (known.map { [Line(CallerWords.brief($0, shared.now), .strong)] } ?? []),
            body: lines.map(Row.line) + rows.map(Row.form),
            notice: Line.wrapped(work, .strong, columns: room) + Line.wrapped(problem, .danger, columns: room),
            form: form)
    }

    /// Each way, what it is worth, and whether it is proof or somebody's word.
    private func ways(_ room: Int, _ policy: Policy) -> [Line] {
        let said = policy.verificationMethods.flatMap { method in
            PersonLines.fact(
                method.name, (method.question.map { "\($0) " } ?? "") + "(word only, no points)", .plain, room)
        }
        let code = "six digits to this address: proof, \(policy.mailCodePoints) points"
        let text = known?.phone.map { "six digits to the telephone \($0): proof, \(policy.textCodePoints) points" }
        return PersonLines.fact("Mail code", code, .plain, room)
            + (text.map { PersonLines.fact("Text code", $0, .plain, room) } ?? []) + said
    }

    /// What is proven, what is needed, and what became of the code.
    private func statusLines(_ room: Int, _ shared: Shared) -> [Line] {
        guard let known else { return PersonLines.fact("Caller", "reading…", .dim, room) }
        var facts = CallerWords.facts(known, shared.now)
        if facts.isEmpty { facts = [Line.Fact("Caller", "not proven (no proof is required)")] }
        if let code = known.code, code.state != .used {
            facts.append(
                code.isOpen && !code.isAskedFor(with: shared.callerKeys[account.id])
                    ? Line.Fact("Mail", "asked for by another program of yours; Ctrl-G sends one from here", .caution)
                    : Line.Fact(code.way == .mail ? "Mail" : "Text", CallerWords.words(code, shared.times)))
        }
        if let mailWarning, known.code?.state != .sent, known.code?.way != .text {
            facts.append(Line.Fact("", mailWarning, .caution))
        }
        if known.codesLeft < 3 { facts.append(Line.Fact("Codes left", "\(known.codesLeft) within the hour")) }
        return facts.flatMap { PersonLines.fact($0.label, $0.text, $0.style, room) }
    }
}
