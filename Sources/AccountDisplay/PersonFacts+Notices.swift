import ConvonetCore
import OperatingSystem
import PostgresClient
package import TerminalKit

extension PersonFacts {
    /// A sentence that must be noticed.
    package typealias Notice = (text: String, style: Style)

    /// The states in a word each, as they stand in brackets.
    package var states: [(word: String, style: Style)] {
        [
            account.isActive ? ("ACTIVE", .good) : ("INACTIVE", .danger),
            account.isVerified ? ("VERIFIED", .plain) : ("UNVERIFIED", .caution),
        ] + (account.signIn == .external ? [("SSO", .accent)] : []) + (isProtected ? [("PROTECTED", .caution)] : [])
    }

    /// The same beside each other, from a column on, with so many cells between them.
    package func stateParts(from column: Int = 0, gap: Int, _ text: (String) -> String) -> [Line.Part] {
        var at = column
        return states.map { state in
            let part = Line.Part(column: at, text: text(state.word), style: state.style)
            at += part.text.count + gap
            return part
        }
    }

    /// What comes before everything else: approvals, then what was just done.
    package func notices(_ context: DisplayContext) -> [Notice] {
        if isGone { return [(text: "This account was deleted. What follows is how it was.", style: .danger)] }
        return frozen(context) + approvals.compactMap { notice($0, context) } + denial(context) + recent(context)
            + (undoText(context).map { [(text: $0, style: .plain)] } ?? [])
    }

    /// The note that stops, before everything else.
    private func frozen(_ context: DisplayContext) -> [Notice] {
        guard let freeze = obstacles?.freeze else {
            // Why is not for everybody who may see it.
            let text = "✗ FROZEN: nobody changes it until a supervisor unfreezes it"
            return account.isFrozen ? [(text: text, style: .danger)] : []
        }
        let age = Age.shortAgo(freeze.at, now: context.now)
        if freeze.isReported { return [(text: "✗ FROZEN \(age): \(freeze.words)", style: .danger)] }
        let who = "\(age) by \(context.viewer.name(freeze.databaseUser))"
        return [(text: "✗ FROZEN \(who): “\(DisplayText.visible(freeze.note))”", style: .danger)]
    }

    /// That a request was denied within the hour, by whom and why, unless another was decided since.
    private func denial(_ context: DisplayContext) -> [Notice] {
        guard let last = entries.first(where: { $0.outcome == "done" && ["approve", "deny"].contains($0.action) }),
            last.action == "deny", context.now.seconds(since: last.occurredAt) < 3600
        else { return [] }
        let reason = last.reason.map { ": “\($0)”" } ?? ""
        let who = "\(Age.shortAgo(last.occurredAt, now: context.now))\(context.viewer.by(last.actor.databaseUser))"
        return [(text: "✗ Request denied \(who)\(reason)", style: .caution)]
    }

    private func notice(_ request: ApprovalRequest, _ context: DisplayContext) -> Notice? {
        let times = context.times
        guard request.expiresAt.seconds(since: context.now) >= 0 else { return nil }
        let what = ActionName.words(request.action)
        switch request.state {
        case .approved where request.isOwn:
            let who = context.viewer.by(request.decidedBy)
            let way = context.way(.change(request.action)).map { "   \($0) do it now" } ?? ""
            return (
                text: "✓ Approved\(who): \(what), once, until \(times.until(request.expiresAt))\(way)", style: .good
            )
        case .requested where request.isOwn:
            return (text: "Waiting for a supervisor: \(what), until \(times.until(request.expiresAt))", style: .caution)
        case .requested where context.mayDecide:
            let way = context.way(.decide).map { "   \($0) decide" } ?? ""
            return (
                text: "! \(context.viewer.name(request.requestedBy)) asks for approval: \(what)\(way)",
                style: .caution
            )
        default: return nil
        }
    }

    /// `! In the last hour: 6 voice PINs, 1 password; the last 4 min ago by desk2 (T-101)`
    private func recent(_ context: DisplayContext) -> [Notice] {
        let recent = entries.withinTheHour(context.times)
        guard let last = recent.first else { return [] }
        let who = "\(Age.shortAgo(last.occurredAt, now: context.now)) by \(context.viewer.words(last.actor))"
        let end = last.ticket.map { " (\($0))" } ?? ""
        if recent.count == 1 {
            return [(text: "! \(ActionName.doneWords(last.action)) \(who)\(end)", style: .caution)]
        }
        let kinds = ActionName.counts(recent.map(\.action)).joined(separator: ", ")
        return [(text: "! In the last hour: \(kinds); the last \(who)\(end)", style: .caution)]
    }
}

extension ActionName {
    /// How many of each kind, the most frequent first: `6 voice PINs`, `1 password`.
    static func counts(_ actions: [String]) -> [String] {
        return Dictionary(grouping: actions.map { counted($0) ?? "other change" }) { $0 }.map {
            ($0.value.count, $0.key)
        }
        .sorted { one, other in
            // What is not named comes last, however much of it there is.
            let (first, second) = (one.1 == "other change", other.1 == "other change")
            if first != second { return second }
            return one.0 != other.0 ? one.0 > other.0 : one.1 < other.1
        }
        .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
    }
}
