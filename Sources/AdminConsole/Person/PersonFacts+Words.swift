import AccountDisplay
import ConvonetCore
import OperatingSystem
import PostgresClient
import TerminalKit

extension PersonFacts {
    /// A sentence that must be noticed.
    typealias Notice = (text: String, style: Style)

    /// The states in a word each, as they stand in brackets.
    var states: [(word: String, style: Style)] {
        [
            account.isActive ? ("ACTIVE", .good) : ("INACTIVE", .danger),
            account.isVerified ? ("VERIFIED", .plain) : ("UNVERIFIED", .caution),
        ] + (account.signIn == .external ? [("SSO", .accent)] : []) + (isProtected ? [("PROTECTED", .caution)] : [])
    }

    /// The same beside each other, from a column on, with so many cells between them.
    func stateParts(from column: Int = 0, gap: Int, _ text: (String) -> String) -> [Line.Part] {
        var at = column
        return states.map { state in
            let part = Line.Part(column: at, text: text(state.word), style: state.style)
            at += part.text.count + gap
            return part
        }
    }

    /// What comes before everything else: approvals, then what was just done.
    func notices(_ shared: Shared) -> [Notice] {
        if isGone { return [(text: "This account was deleted. What follows is how it was.", style: .danger)] }
        return frozen(shared) + approvals.compactMap { notice($0, shared) } + denial(shared) + recent(shared)
            + undo(shared)
    }

    /// The note that stops, before everything else.
    private func frozen(_ shared: Shared) -> [Notice] {
        guard let freeze = obstacles?.freeze else {
            // Why is not for everybody who may see it.
            let text = "✗ FROZEN: nobody changes it until a supervisor unfreezes it"
            return account.isFrozen ? [(text: text, style: .danger)] : []
        }
        let age = Age.shortAgo(freeze.at, now: shared.now)
        if freeze.isReported { return [(text: "✗ FROZEN \(age): \(freeze.words)", style: .danger)] }
        let who = "\(age) by \(shared.viewer.name(freeze.databaseUser))"
        return [(text: "✗ FROZEN \(who): “\(DisplayText.visible(freeze.note))”", style: .danger)]
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

    /// What would be taken back now, which need not be what was done last.
    private func undo(_ shared: Shared) -> [Notice] {
        guard obstacles?.freeze == nil, let change = undoable?.first else { return [] }
        let who = "\(Age.shortAgo(change.occurredAt, now: shared.now)) by \(shared.viewer.words(change.actor))"
        return [
            (
                text: "z takes back: \(ActionName.doneWords(change.action)) \(who), receipt \(change.receipt); until "
                    + shared.times.until(change.until), style: .plain
            )
        ]
    }

    /// `! In the last hour: 6 voice PINs, 1 password; the last 4 min ago by desk2 (T-101)`
    private func recent(_ shared: Shared) -> [Notice] {
        let recent = entries.withinTheHour(shared.times)
        guard let last = recent.first else { return [] }
        let who = "\(Age.shortAgo(last.occurredAt, now: shared.now)) by \(shared.viewer.words(last.actor))"
        let end = last.ticket.map { " (\($0))" } ?? ""
        if recent.count == 1 {
            return [(text: "! \(ActionName.doneWords(last.action)) \(who)\(end)", style: .caution)]
        }
        let kinds = ActionName.counts(recent.map(\.action)).joined(separator: ", ")
        return [(text: "! In the last hour: \(kinds); the last \(who)\(end)", style: .caution)]
    }

    func signIn(_ shared: Shared) -> [Line.Fact] {
        var facts = caller.map { CallerWords.facts($0, shared, way: "i sends a code") } ?? []
        switch account.signIn {
        case .password: facts.append(Line.Fact("Method", "local password"))
        case .external:
            let marker = account.externalMarker.map { " (\($0))" } ?? ""
            facts.append(Line.Fact("Method", "SSO\(marker), no local password", .accent))
        }
        facts += temporary(shared)
        facts.append(Line.Fact("Signed in", account.lastLoginAt.map(shared.times.full) ?? "never"))
        facts.append(Line.Fact("Voice PIN", account.hasVoicePIN ? "set" : "not set"))
        if let wrong = obstacles?.wrongPasswords, let end = obstacles?.blockedUntil {
            let until = shared.times.until(end)
            facts.append(
                Line.Fact(
                    "Blocked", "cannot set a new password until \(until): \(wrong) wrong old ones; u unblocks",
                    .caution))
        }
        if let obstacles, obstacles.linksAsked >= obstacles.linksMost {
            facts.append(
                Line.Fact(
                    "Asked for", "\(obstacles.linksAsked) links within the hour, no more of their own\(linkAdvice)",
                    .caution))
        }
        if let failedAt = obstacles?.mailFailedAt {
            facts.append(
                Line.Fact(
                    "Last mail",
                    "failed \(Age.shortAgo(failedAt, now: shared.now)): \(obstacles?.mailFailure ?? "no reason given")",
                    .caution))
        }
        if let code = codes.value?.first, shared.now.seconds(since: code.createdAt) < 24 * 3600 {
            facts.append(Line.Fact("Code", words(code, shared), code.state.isOpen ? .caution : .plain))
        }
        guard let links = links.value?.prefix(3), !links.isEmpty else {
            return facts + [Self.lack("Links", self.links)]
        }
        facts += links.enumerated().map {
            Line.Fact($0.offset == 0 ? "Links" : "", words($0.element, shared))
        }
        if let mailWarning, links.contains(where: { $0.state == .queued }) {
            facts.append(Line.Fact("", mailWarning, .caution))
        }
        return facts
    }

    /// That the password is temporary, or was and has run out, and what comes of that.
    private func temporary(_ shared: Shared) -> [Line.Fact] {
        guard let temporaryPassword else { return [] }
        guard let expiredAt = temporaryPassword.expiredAt else {
            let isOver = temporaryPassword.until.seconds(since: shared.now) <= 0
            let until = shared.times.deadline(temporaryPassword.until)
            return [
                Line.Fact(
                    "Temporary",
                    isOver ? "time is over; it works until convonet-admin tidy ends it" : "must be changed by \(until)",
                    .caution)
            ]
        }
        let sent = links.value?.contains { $0.origin == .schedule && $0.createdAt >= expiredAt } == true
        return [
            Line.Fact(
                "Temporary",
                "ran out \(Age.shortAgo(expiredAt, now: shared.now)), no password works; "
                    + (sent ? "a link was sent" : "no link was sent\(linkAdvice)"), .caution)
        ]
    }

    /// What staff can do; nothing where a link would be of no use.
    private var linkAdvice: String { account.isActive ? "; l sends one" : "" }

    /// That there are none is said only where that was read.
    private static func lack<Value>(_ label: String, _ reading: Reading<Value>) -> Line.Fact {
        switch reading {
        case .loading: Line.Fact(label, "not read yet", .dim)
        case .known: Line.Fact(label, "none")
        case .unavailable(let reason): Line.Fact(label, reason, .dim)
        }
    }

    func about(_ times: Times) -> [Line.Fact] {
        let teams = teams.value?.map { "\($0.team) (\($0.role))" } ?? []
        return [
            Line.Fact("Id", account.idText), Line.Fact("Created", times.full(account.createdAt)),
            Line.Fact("Changed", times.full(account.updatedAt)),
            teams.isEmpty
                ? Self.lack("Teams", self.teams) : Line.Fact("Teams", teams.joined(separator: ", ")),
        ]
    }

    /// A code to set a password: its state, who issued it, and until when it is good.
    private func words(_ code: IssuedCode, _ shared: Shared) -> String {
        let until = code.state.isOpen ? ", good until \(shared.times.until(code.expiresAt))" : ""
        let moment = Age.shortAgo(code.stateAt ?? code.createdAt, now: shared.now)
        return "\(code.state.rawValue) \(moment)\(until); issued\(shared.viewer.by(code.databaseUser))"
    }

    /// A link to set a password, or to a PIN: its state, whom it went to, and until when it is good.
    private func words(_ link: ResetLink, _ shared: Shared) -> String {
        let isOpen = link.state == .queued || link.state == .sent
        let until = link.expiresAt.map { isOpen ? ", good until \(shared.times.until($0))" : "" } ?? ""
        let who =
            switch link.origin {
            case .staff: "sent\(shared.viewer.by(link.databaseUser))"
            case .person: "asked for by the person"
            case .schedule: "sent at expiry"
            }
        let moment = Age.shortAgo(link.stateAt ?? link.createdAt, now: shared.now)
        let purpose = link.purpose == .voicePIN ? "PIN: " : ""
        return "\(purpose)\(link.state.rawValue) \(moment), to \(link.address)\(until); \(who)"
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
