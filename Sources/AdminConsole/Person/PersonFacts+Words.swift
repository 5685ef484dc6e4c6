import ConvonetCore
import PostgresClient
import TerminalKit

extension PersonFacts {
    /// A label and what belongs to it.
    struct Fact: Equatable, Sendable {
        var label: String
        var text: String
        var style = Style.plain
    }

    /// A sentence that must be noticed.
    typealias Notice = (text: String, style: Style)

    /// The states in a word each, as they stand in brackets.
    var states: [(word: String, style: Style)] {
        [
            account.isActive ? ("ACTIVE", .good) : ("INACTIVE", .danger),
            account.isVerified ? ("VERIFIED", .plain) : ("UNVERIFIED", .caution),
        ] + (account.signIn == .external ? [("SSO", .accent)] : []) + (isProtected ? [("PROTECTED", .caution)] : [])
    }

    /// What comes before everything else: approvals, then what was just done.
    func notices(_ shared: Shared) -> [Notice] {
        if isGone { return [(text: "This account was deleted. What follows is how it was.", style: .danger)] }
        return approvals.compactMap { notice($0, shared) } + denial(shared) + recent(shared)
    }

    /// That a request was denied within the hour, by whom and why, unless another was decided since.
    private func denial(_ shared: Shared) -> [Notice] {
        guard let last = entries.first(where: { $0.outcome == "done" && ["approve", "deny"].contains($0.action) }),
            last.action == "deny", shared.now.seconds(since: last.occurredAt) < 3600
        else { return [] }
        let reason = last.reason.map { ": “\($0)”" } ?? ""
        let who = "\(Age.shortAgo(last.occurredAt, now: shared.now))\(shared.viewer.by(last.actor.databaseUser))"
        return [(text: "✗ Request denied \(who)\(reason)", style: .caution)]
    }

    private func notice(_ request: ApprovalRequest, _ shared: Shared) -> Notice? {
        let times = shared.times
        let what = ActionName.words(request.action)
        switch request.state {
        case .approved where request.isOwn:
            let who = shared.viewer.by(request.decidedBy)
            let key = ConsoleAction.forAction(request.action).map { "   \($0.firstKeyText) do it now" } ?? ""
            return (
                text: "✓ Approved\(who): \(what), once, until \(times.until(request.expiresAt))\(key)", style: .good
            )
        case .requested where request.isOwn:
            return (text: "Waiting for a supervisor: \(what), until \(times.until(request.expiresAt))", style: .caution)
        case .requested where shared.context.mayDecide:
            return (
                text: "! \(shared.viewer.name(request.requestedBy)) asks for approval: \(what)   w decide",
                style: .caution
            )
        default: return nil
        }
    }

    /// `! In the last hour: 6 voice PINs, 1 password; the last 4 min ago by desk2 (T-101)`
    private func recent(_ shared: Shared) -> [Notice] {
        let recent = entries.withinTheHour(shared.times)
        guard let last = recent.first else { return [] }
        let who = "\(Age.shortAgo(last.occurredAt, now: shared.now)) by \(shared.viewer.words(last.actor))"
        let ticket = last.ticket.map { " (\($0))" } ?? ""
        if recent.count == 1 {
            return [(text: "! \(ActionName.doneWords(last.action)) \(who)\(ticket)", style: .caution)]
        }
        let kinds = ActionName.counts(recent.map(\.action)).joined(separator: ", ")
        return [(text: "! In the last hour: \(kinds); the last \(who)\(ticket)", style: .caution)]
    }

    func signIn(_ shared: Shared) -> [Fact] {
        let times = shared.times
        var facts: [Fact] = []
        switch account.signIn {
        case .password: facts.append(Fact(label: "Method", text: "local password"))
        case .external:
            let marker = account.externalMarker.map { " (\($0))" } ?? ""
            facts.append(Fact(label: "Method", text: "SSO\(marker), no local password", style: .accent))
        }
        facts.append(Fact(label: "Signed in", text: account.lastLoginAt.map(times.full) ?? "never"))
        facts.append(Fact(label: "Voice PIN", text: account.hasVoicePIN ? "set" : "not set"))
        if links.isEmpty {
            facts.append(Fact(label: "Links", text: "none"))
        } else {
            facts += links.prefix(3).enumerated().map {
                Fact(label: $0.offset == 0 ? "Links" : "", text: words($0.element, shared))
            }
            if let mailWarning, links.prefix(3).contains(where: { $0.state == .queued }) {
                facts.append(Fact(label: "", text: mailWarning, style: .caution))
            }
        }
        return facts
    }

    func about(_ times: Times) -> [Fact] {
        [
            Fact(label: "Id", text: account.idText), Fact(label: "Created", text: times.full(account.createdAt)),
            Fact(label: "Changed", text: times.full(account.updatedAt)),
            Fact(
                label: "Teams",
                text: teams.isEmpty ? "none" : teams.map { "\($0.team) (\($0.role))" }.joined(separator: ", ")),
        ]
    }

    /// A link to set a password: its state, whom it went to, and until when it is good.
    private func words(_ link: ResetLink, _ shared: Shared) -> String {
        let isOpen = link.state == .queued || link.state == .sent
        let until = link.expiresAt.map { isOpen ? ", good until \(shared.times.until($0))" : "" } ?? ""
        let who = link.wasAskedForByPerson ? "asked for by the person" : "sent\(shared.viewer.by(link.databaseUser))"
        let moment = Age.shortAgo(link.stateAt ?? link.createdAt, now: shared.now)
        return "\(link.state.rawValue) \(moment), to \(link.address)\(until); \(who)"
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
