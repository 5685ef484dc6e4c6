import ConvonetCore
package import Credentials
package import FoundationEssentials
import TerminalKit

extension ResetDialog {
    /// Milliseconds for which a typed secret is shown.
    package static let revealedTime = 5000
    /// Milliseconds for which the receipt shows a new value.
    private static let shownTime = 120_000

    /// Hides the secrets whose time is over; `uptime` as in `Shared`.
    package mutating func hideIfDue(_ uptime: Int) {
        if let until = revealedUntil, uptime >= until { revealedUntil = nil }
        if let until = secretShownUntil, uptime >= until { secretShownUntil = nil }
    }

    package mutating func showSecret(_ uptime: Int) { secretShownUntil = uptime + Self.shownTime }

    /// Seconds until the new value hides, in steps that a slow line can keep up with; nil where it is not shown.
    package func secondsShown(_ uptime: Int) -> Int? {
        secretShownUntil.map { until in
            let seconds = max(0, until - uptime + 999) / 1000
            let step = seconds > 30 ? 10 : 5
            return (seconds + step - 1) / step * step
        }
    }

    /// When that comes to its next step.
    package func nextCountdown(_ uptime: Int) -> Int? {
        guard case .receipt = stage, let until = secretShownUntil, let shown = secondsShown(uptime) else { return nil }
        let step = shown > 30 ? 10 : 5
        return min(until, max(uptime + 1000, until - (shown - step) * 1000))
    }

    /// Forgets everything that was typed as a secret.
    package mutating func wipeSecrets() {
        form.wipe(.secret)
        form.wipe(.again)
        form.setText(.weak, "")
        assessment = nil
        revealedUntil = nil
    }

    /// Forgets what was typed and what the receipt would show.
    package mutating func wipe() {
        wipeSecrets()
        secretShownUntil = nil
        if case .receipt(var result, _) = stage, result.newSecret != nil {
            result.newSecret = nil
            result.message =
                "The new value was cleared while the screen was hidden. If it was not read out, reset it once more."
            stage = .receipt(result, .open)
        }
    }

    /// What goes over into the next change of the same person: why, and never how the caller was verified.
    package struct Carried: Equatable, Sendable {
        package var accountID: UUID
        package var reason: String
        package var ticket: String
        /// Whether the dialog was left without a change, so that nobody confirmed it.
        package var isCancelled: Bool
    }

    /// What the next dialog takes over. What was taken over itself, and left as it was, is from where it was.
    package func carried(isCancelled: Bool) -> Carried {
        let (reason, ticket) = (form.text(.reason), form.text(.ticket))
        if isCancelled, let kept, kept.reason == reason, kept.ticket == ticket { return kept }
        return Carried(accountID: account.id, reason: reason, ticket: ticket, isCancelled: isCancelled)
    }

    package mutating func take(_ carried: Carried) {
        // Why an account is frozen is not why it is unfrozen, nor a slip's reason that of the reset.
        guard !chosen.standsAlone else { return }
        guard carried.accountID == account.id else { return }
        form.setText(.reason, carried.reason)
        form.setText(.ticket, carried.ticket)
        kept = carried
    }

    /// That a field still has what was filled in before, and where. Told line by line, the text is read out: nobody sees it.
    func keptNote(_ field: Field, isTold: Bool) -> [(String, Style)] {
        guard isKept(field), let kept else { return [] }
        let origin = kept.isCancelled ? "the dialog that you cancelled" : "your last change of this account"
        guard isTold else { return [("Kept from \(origin).", .dim)] }
        return [("\(form[field]?.label ?? ""), kept from \(origin): \(form.text(field))", .dim)]
    }

    /// Whether a field still has what was filled in before.
    private func isKept(_ field: Field) -> Bool {
        guard let kept else { return false }
        return switch field {
        case .reason: !kept.reason.isEmpty && form.text(.reason) == kept.reason
        case .ticket: !kept.ticket.isEmpty && form.text(.ticket) == kept.ticket
        default: false
        }
    }
}

extension Secret {
    /// Whether it begins or ends with a space, which is easily typed without being meant.
    package var hasBlankEnds: Bool {
        withBytes { bytes in
            let space = UInt8(ascii: " ")
            return bytes.count > 0 && (bytes[0] == space || bytes[bytes.count - 1] == space)
        }
    }
}
