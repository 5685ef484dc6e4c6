import ConvonetCore
import OperatingSystem
import PostgresClient
package import TerminalKit

extension PersonFacts {
    package func signIn(_ context: DisplayContext) -> [Line.Fact] {
        var facts =
            caller.map {
                CallerWords.facts($0, context.now, way: context.way(.verifyCaller).map { "\($0) sends a code" })
            } ?? []
        switch account.signIn {
        case .password: facts.append(Line.Fact("Method", "local password"))
        case .external:
            let marker = account.externalMarker.map { " (\($0))" } ?? ""
            facts.append(Line.Fact("Method", "SSO\(marker), no local password", .accent))
        }
        facts += temporary(context)
        facts.append(Line.Fact("Signed in", account.lastLoginAt.map(context.times.full) ?? "never"))
        facts.append(Line.Fact("Voice PIN", account.hasVoicePIN ? "set" : "not set"))
        if let wrong = obstacles?.wrongPasswords, let end = obstacles?.blockedUntil {
            let until = context.times.until(end)
            facts.append(
                Line.Fact(
                    "Blocked",
                    "cannot set a new password until \(until): \(wrong) wrong old ones"
                        + context.advice(.unblock, "unblocks"),
                    .caution))
        }
        if let obstacles, obstacles.linksAsked >= obstacles.linksMost {
            facts.append(
                Line.Fact(
                    "Asked for",
                    "\(obstacles.linksAsked) links within the hour, no more of their own\(linkAdvice(context))",
                    .caution))
        }
        if let failedAt = obstacles?.mailFailedAt {
            facts.append(
                Line.Fact(
                    "Last mail",
                    "failed \(Age.shortAgo(failedAt, now: context.now)): \(obstacles?.mailFailure ?? "no reason given")",
                    .caution))
        }
        if let code = codes.value?.first, context.now.seconds(since: code.createdAt) < 24 * 3600 {
            facts.append(Line.Fact("Code", words(code, context), code.state.isOpen ? .caution : .plain))
        }
        guard let links = links.value?.prefix(3), !links.isEmpty else {
            return facts + [Self.lack("Links", self.links)]
        }
        facts += links.enumerated().map {
            Line.Fact($0.offset == 0 ? "Links" : "", words($0.element, context))
        }
        if let mailWarning, links.contains(where: { $0.state == .queued }) {
            facts.append(Line.Fact("", mailWarning, .caution))
        }
        return facts
    }

    /// That the password is temporary, or was and has run out, and what comes of that.
    private func temporary(_ context: DisplayContext) -> [Line.Fact] {
        guard let temporaryPassword else { return [] }
        guard let expiredAt = temporaryPassword.expiredAt else {
            let isOver = temporaryPassword.until.seconds(since: context.now) <= 0
            let until = context.times.deadline(temporaryPassword.until)
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
                "ran out \(Age.shortAgo(expiredAt, now: context.now)), no password works; "
                    + (sent ? "a link was sent" : "no link was sent\(linkAdvice(context))"), .caution)
        ]
    }

    /// What staff can do; nothing where a link would be of no use.
    private func linkAdvice(_ context: DisplayContext) -> String {
        account.isActive ? context.advice(.sendLink, "sends one") : ""
    }

    /// That there are none is said only where that was read.
    private static func lack<Value>(_ label: String, _ reading: Reading<Value>) -> Line.Fact {
        switch reading {
        case .loading: Line.Fact(label, "not read yet", .dim)
        case .known: Line.Fact(label, "none")
        case .unavailable(let reason): Line.Fact(label, reason, .dim)
        }
    }

    package func about(_ times: Times) -> [Line.Fact] {
        let teams = teams.value?.map { "\($0.team) (\($0.role))" } ?? []
        return [
            Line.Fact("Id", account.idText), Line.Fact("Created", times.full(account.createdAt)),
            Line.Fact("Changed", times.full(account.updatedAt)),
            teams.isEmpty
                ? Self.lack("Teams", self.teams) : Line.Fact("Teams", teams.joined(separator: ", ")),
        ]
    }

    /// A code to set a password: its state, who issued it, and until when it is good.
    private func words(_ code: IssuedCode, _ context: DisplayContext) -> String {
        let until = code.state.isOpen ? ", good until \(context.times.until(code.expiresAt))" : ""
        let moment = Age.shortAgo(code.stateAt ?? code.createdAt, now: context.now)
        return "\(code.state.rawValue) \(moment)\(until); issued\(context.viewer.by(code.databaseUser))"
    }

    /// A link to set a password, or to a PIN: its state, whom it went to, and until when it is good.
    private func words(_ link: ResetLink, _ context: DisplayContext) -> String {
        let isOpen = link.state == .queued || link.state == .sent
        let until = link.expiresAt.map { isOpen ? ", good until \(context.times.until($0))" : "" } ?? ""
        let who =
            switch link.origin {
            case .staff: "sent\(context.viewer.by(link.databaseUser))"
            case .person: "asked for by the person"
            case .schedule: "sent at expiry"
            }
        let moment = Age.shortAgo(link.stateAt ?? link.createdAt, now: context.now)
        let purpose = link.purpose == .voicePIN ? "PIN: " : ""
        return "\(purpose)\(link.state.rawValue) \(moment), to \(link.address)\(until); \(who)"
    }
}
