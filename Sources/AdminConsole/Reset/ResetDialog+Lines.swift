import ConvonetCore
import Credentials
import PostgresClient
import TerminalKit

extension ResetDialog {
    /// What stands below the person, by the stage.
    func bodyLines(_ shared: Shared, _ room: Int) -> [Line] {
        switch stage {
        case .form: formLines(shared.context.policy, room)
        case .working:
            [.text("", .plain), .text("Saving. Please wait…", .strong)]
                + (work?.words.map { TextWrap.lines($0, columns: room) } ?? []).map { .text($0, .caution) }
        case .receipt(let result, let closing): receiptLines(result, closing, room, shared)
        case .ended(let result): endedLines(result, room)
        case .gone:
            [.text("", .plain)]
                + TextWrap.lines("This account was deleted. Nothing was changed.", columns: room).map {
                    .text($0, .danger)
                }
        }
    }

    /// What changed on the account, and what stands between the form and its being sent.
    func noticeLines(_ room: Int) -> [Line] {
        guard stage == .form else { return [] }
        let changed =
            changes.isEmpty ? [] : [DisplayText.visible("Changed meanwhile: " + changes.joined(separator: "; ") + ".")]
        return changed.flatMap { TextWrap.lines($0, columns: room) }.map { .text($0, .caution) }
            + (problem.map { TextWrap.lines($0, columns: room) } ?? []).map { .text($0, .danger) }
    }

    private func wrapped(_ label: String, _ text: String, _ style: Style, _ room: Int) -> [Line] {
        PersonDialog.wrapped(label, text, style, room)
    }

    /// What must be noticed of the account; `inFull` where no short form of the states stands above.
    func stateLines(_ room: Int, _ shared: Shared, inFull: Bool = true) -> [Line] {
        var lines: [Line] = []
        if let grant {
            let who = shared.viewer.by(grant.decidedBy)
            lines += wrapped("Approved", "✓\(who), once, until \(shared.times.until(grant.expiresAt))", .good, room)
        } else if isProtected == true {
            lines += wrapped("Protected", "every change needs a supervisor's approval", .caution, room)
        }
        if inFull, !account.isActive {
            let after = kind.noun == nil ? "" : ", even after this"
            lines += wrapped("State", "INACTIVE: cannot sign in\(after)", .danger, room)
        }
        if inFull, account.signIn == .external {
            let marker = account.externalMarker.map { " (\($0))" } ?? ""
            lines += wrapped("Sign-in", "SSO" + marker, .accent, room)
        }
        if let shown = kind.shows(account) { lines += wrapped(shown.label, shown.value, .plain, room) }
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
            wrapped($0.offset == 0 ? "In the last hour" : "", $0.element, .caution, room)
        }
    }

    private func formLines(_ policy: Policy, _ room: Int) -> [Line] {
        let rows = form.rows(labels: PersonDialog<Field>.labelColumns(room), columns: room) { notes($0, policy) }
        var lines: [Line] = [.text("", .plain)]
        if let meaning = kind.meaning { lines += wrapped("After this", meaning, .strong, room) }
        for row in rows {
            if row == .field(.confirmation, row: 0) { lines.append(.text("", .plain)) }
            lines.append(.form(row))
        }
        return lines
    }

    /// What is said below a field.
    private func notes(_ field: Field, _ policy: Policy) -> [(String, Style)] {
        switch field {
        case .secret: secretNotes(policy)
        case .verifiedBy:
            form.choice(.verifiedBy).flatMap { policy.verificationMethods[$0].question }
                .map { [(DisplayText.visible($0), .accent)] } ?? []
        case .reason where isKept(.reason): [("Kept from your last change of this account.", .dim)]
        case .ticket where form.focus == .ticket && !policy.ticketPattern.isEmpty:
            [(TicketExample.words(policy.ticketPattern), .dim)]
        case .ticket where isKept(.ticket): [("Kept from your last change of this account.", .dim)]
        case .confirmation where isProtected == true:
            [(DisplayText.visible("Type \(account.username) to confirm."), .dim)]
        default: []
        }
    }

    /// What is said of the typed value as it is typed.
    private func secretNotes(_ policy: Policy) -> [(String, Style)] {
        let secret = form.secret(.secret)
        guard !secret.isEmpty else { return [] }
        var notes: [(String, Style)] = []
        if chosen.value.isPassword, let strength { notes.append(strength) }
        notes.append(verdict(policy))
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

    private func verdict(_ policy: Policy) -> (String, Style) {
        guard chosen.value == .typedPIN else {
            guard let finding = assessment?.findings.first else { return ("Meets every rule.", .good) }
            return (finding.message, finding.isOverridable ? .caution : .danger)
        }
        do {
            let pin = try VoicePIN(parsing: form.secret(.secret).secret, lengths: policy.pinLengths)
            return PINRules.weakness(of: pin).map { ($0.message, .danger) } ?? ("Not easy to guess.", .good)
        } catch {
            return (error.message, .caution)
        }
    }

    private func endedLines(_ result: ChangeResult, _ room: Int) -> [Line] {
        let title = result.outcome == .unknown ? "OUTCOME UNKNOWN" : "Failed. Nothing was changed."
        return [.text("", .plain), .text(title, .danger)]
            + TextWrap.lines(result.message ?? "", columns: room).map { .text($0, .plain) }
            + (result.receipt.map { [.pair("Receipt", String($0.sequence), .plain)] } ?? [])
    }
}
