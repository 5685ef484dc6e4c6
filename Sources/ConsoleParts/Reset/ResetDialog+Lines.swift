import AccountDisplay
import AccountPolicy
import ConvonetCore
import Credentials
import PostgresClient
package import TerminalKit

extension ResetDialog {
    /// What stands below the person, by the stage.
    package func bodyLines(_ shared: Shared, _ room: Int) -> [Row] {
        switch stage {
        case .form: formLines(shared, room)
        case .working:
            ([Line.blank, Line("Saving. Please wait…", .strong)] + Line.wrapped(work?.words, .caution, columns: room))
                .map(Row.line)
        case .receipt(let result, let closing): receiptLines(result, closing, room, shared)
        case .ended(let result): endedLines(result, room).map(Row.line)
        case .gone:
            ([Line.blank] + Line.wrapped("This account was deleted. Nothing was changed.", .danger, columns: room))
                .map(Row.line)
        }
    }

    /// What changed on the account, and what stands between the form and its being sent.
    package func noticeLines(_ room: Int) -> [Line] {
        guard stage == .form else { return [] }
        let changed = changes.isEmpty ? nil : "Changed meanwhile: " + changes.joined(separator: "; ") + "."
        return Line.wrapped(decision?.words, decision?.isApproval == true ? .good : .danger, columns: room)
            + Line.wrapped(changed, .caution, columns: room) + Line.wrapped(problem, .danger, columns: room)
    }

    /// What must be noticed of the account; `inFull` where no short form of the states stands above.
    package func stateLines(_ room: Int, _ shared: Shared, inFull: Bool = true) -> [Line] {
        var lines: [Line] = []
        if let grant {
            let who = shared.viewer.by(grant.decidedBy)
            lines += PersonLines.fact(
                "Approved", "✓\(who), once, until \(shared.times.until(grant.expiresAt))", .good, room)
        } else if isProtected == true {
            lines += PersonLines.fact("Protected", "every change needs a supervisor's approval", .caution, room)
        }
        if isAlike { lines += PersonLines.fact("Alike", "nobody had what you searched for", .caution, room) }
        if inFull, !account.isActive {
            let after = kind.noun == nil ? "" : ", even after this"
            lines += PersonLines.fact("State", "INACTIVE: cannot sign in\(after)", .danger, room)
        }
        if inFull, account.signIn == .external {
            let marker = account.externalMarker.map { " (\($0))" } ?? ""
            lines += PersonLines.fact("Sign-in", "SSO" + marker, .accent, room)
        }
        if chosen.needsProof, let caller = facts?.caller {
            for fact in CallerWords.facts(caller, shared.now, way: "Esc, then i, sends a code") {
                lines += PersonLines.fact(fact.label, fact.text, fact.style, room)
            }
        }
        if let shown = kind.shows(account) { lines += PersonLines.fact(shown.label, shown.value, .plain, room) }
        return lines + recentLines(room, shared)
    }

    /// What was done within the hour, of the same kind first.
    private func recentLines(_ room: Int, _ shared: Shared) -> [Line] {
        let recent = facts?.entries.withinTheHour(shared.times) ?? []
        let sorted =
            recent.filter { kind.related.contains($0.action) } + recent.filter { !kind.related.contains($0.action) }
        var texts = sorted.prefix(2).map {
            "\(ActionName.doneWords($0.action)) \(Age.ago($0.occurredAt, now: shared.now)) by \(shared.viewer.words($0.actor))"
        }
        if recent.count > 2 { texts.append("and \(recent.count - 2) more") }
        return texts.enumerated().flatMap {
            PersonLines.fact($0.offset == 0 ? "In the last hour" : "", $0.element, .caution, room)
        }
    }

    private func formLines(_ shared: Shared, _ room: Int) -> [Row] {
        let rows = form.rows(labels: PersonLines.labelColumns(room), columns: room) { notes($0, shared.context) }
        var lines = [Row.line(.blank)]
        if let undone {
            let what = "\(ActionName.doneWords(undone.action)), receipt \(undone.receipt)"
            let who = "\(Age.ago(undone.occurredAt, now: shared.now)) by \(shared.viewer.words(undone.actor))"
            // Where there is little room, the fields must not push it off.
            let text = room < 60 ? what : "\(what), \(who)"
            lines += PersonLines.fact("Takes back", text, .strong, room).map(Row.line)
        } else if let meaning = kind.meaning, reasonWithoutEffect == nil {
            lines += PersonLines.fact("After this", meaning, .strong, room).map(Row.line)
        }
        for row in rows {
            if row == .field(.confirmation, row: 0) { lines.append(.line(.blank)) }
            lines.append(.form(row))
        }
        return lines
    }

    /// What is said below a field.
    private func notes(_ field: Field, _ context: ConsoleContext) -> [(String, Style)] {
        let policy = context.policy
        return switch field {
        case .secret: secretNotes(policy)
        case .verifiedBy:
            form.choice(.verifiedBy).flatMap { policy.verificationMethods[$0].question }
                .map { [($0, .accent)] } ?? []
        case .ticket where form.focus == .ticket && !policy.ticketPattern.isEmpty:
            [(TicketExample.words(policy.ticketPattern), .dim)]
        case .reason, .ticket: keptNote(field, isTold: context.isLinear)
        case .confirmation where isNamed:
            [("Type \(account.username) to confirm.", .dim)]
        default: []
        }
    }

    /// What is said of the typed value as it is typed.
    private func secretNotes(_ policy: Policy) -> [(String, Style)] {
        let secret = form.secret(.secret)
        guard !secret.isEmpty else { return [] }
        var notes: [(String, Style)] = []
        if chosen.value.isPassword, let strength { notes.append(strength) }
        if let verdict = verdict(policy) { notes.append(verdict) }
        if chosen.value.isPassword, secret.secret.hasBlankEnds {
            notes.append(("It begins or ends with a space, which is part of it.", .caution))
        }
        if chosen.value.isPassword, secret.secret.byteCount > secret.secret.codePointCount {
            notes.append(("It has a character that some keyboards lack, or that looks like another.", .caution))
        }
        return notes
    }

    /// A bar and a word; nothing where the rules do not let the password through however strong it is.
    private var strength: (String, Style)? {
        guard let assessment, assessment.findings.allSatisfy(\.isOverridable) else { return nil }
        let words = ["very weak", "weak", "fair", "good", "strong"]
        // Not in reverse, which would make the full part of the bar look empty.
        let styles: [Style] = [.caution, .caution, .caution, .good, .good]
        // However hard to guess it is: what breaks a rule is not called good above the rule that it breaks.
        let score = assessment.findings.isEmpty ? min(max(0, assessment.score), 4) : min(assessment.score, 1)
        return (Meter(filled: score + 1, total: 5, word: words[score]).text(columns: 20), styles[score])
    }

    private func verdict(_ policy: Policy) -> (String, Style)? {
        if case .typedText(let text) = chosen.value {
            let fault = text.fault(of: form.secret(.secret).secret, under: policy)
            return fault.map { ($0.sentence, $0.isMalformed ? .caution : .danger) } ?? text.praise.map { ($0, .good) }
        }
        guard let finding = assessment?.findings.first else { return ("Meets every rule.", .good) }
        return (finding.message, finding.isOverridable ? .caution : .danger)
    }

    private func endedLines(_ result: ChangeResult, _ room: Int) -> [Line] {
        let title = result.outcome == .unknown ? "OUTCOME UNKNOWN" : "Failed. Nothing was changed."
        return [Line.blank, Line(title, .danger)] + Line.wrapped(result.message ?? "", columns: room)
            + (result.receipt.map { PersonLines.fact("Receipt", String($0.sequence), .plain, room) } ?? [])
    }
}
