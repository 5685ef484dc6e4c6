import ConvonetCore
package import OperatingSystem
import PostgresClient
package import TerminalKit

extension PersonFacts {
    /// What holds the caller up, or whoever wants to help them, and what can be taken back: in words, as the page shows it.
    package func standing(_ context: DisplayContext) -> [Line.Fact] {
        let undo = undoText(context).map { [Line.Fact("Undo", $0)] } ?? []
        let mail = waitsForMail ? mailWarning.map { [Line.Fact("Mail", $0, .caution)] } ?? [] : []
        return callerFacts(context) + temporary(context) + obstacleFacts(context) + mail + undo
    }

    /// Whether the last mail to them is still to be sent.
    package var waitsForMail: Bool { ["waiting", "sending"].contains(obstacles?.lastMail?.state) }

    /// What a caller has proven, and the code that was sent to them.
    func callerFacts(_ context: DisplayContext) -> [Line.Fact] {
        guard let caller else { return [] }
        let way = context.way(.verifyCaller).map { "\($0) sends a code" }
        let code = caller.code.flatMap {
            $0.isOpen ? Line.Fact("Caller code", CallerWords.words($0, context.times)) : nil
        }
        return CallerWords.facts(caller, context.now, way: way) + (code.map { [$0] } ?? [])
    }

    /// What is in the way of a new password: wrong old ones, links that were asked for, mail that fails; and a code under way.
    func obstacleFacts(_ context: DisplayContext) -> [Line.Fact] {
        var facts: [Line.Fact] = []
        if let wrong = obstacles?.wrongPasswords, let end = obstacles?.blockedUntil,
            end.seconds(since: context.now) >= 0
        {
            let until = "until \(context.times.until(end)): \(wrong) wrong old ones"
            let advice = context.advice(.unblock, "unblocks")
            facts.append(Line.Fact("Blocked", "cannot set a new password \(until)\(advice)", .caution))
        }
        if let obstacles, obstacles.linksAsked > 0 {
            let isUsedUp = obstacles.linksAsked >= obstacles.linksMost
            let count = "\(obstacles.linksAsked) of \(obstacles.linksMost) links within the hour"
            let end = isUsedUp ? ", no more of their own\(linkAdvice(context))" : ""
            facts.append(Line.Fact("Asked for", count + end, isUsedUp ? .caution : .plain))
        }
        if let mail = obstacles?.lastMail, let unsent = mail.unsent {
            let moment = Age.shortAgo(mail.at, now: context.now)
            let words = unsent.isOver ? "given up \(moment), \(unsent.words)" : unsent.words
            facts.append(Line.Fact("Last mail", words, .caution))
        }
        if let code = codes.value?.first, context.now.seconds(since: code.createdAt) < 24 * 3600 {
            facts.append(Line.Fact("Code", words(code, context), code.state.isOpen ? .caution : .plain))
        }
        return facts
    }

    /// That the password is temporary, or was and has run out, and what comes of that.
    func temporary(_ context: DisplayContext) -> [Line.Fact] {
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

    /// A code to set a password: its state, who issued it, and until when it is good.
    private func words(_ code: IssuedCode, _ context: DisplayContext) -> String {
        let isOver = code.state.isOpen && code.expiresAt.seconds(since: context.now) < 0
        let until = code.state.isOpen && !isOver ? ", good until \(context.times.until(code.expiresAt))" : ""
        let moment = Age.shortAgo(code.stateAt ?? code.createdAt, now: context.now)
        return
            "\(code.state.rawValue) \(moment)\(isOver ? ", expired" : "")\(until); issued\(context.viewer.by(code.databaseUser))"
    }

    /// What would be taken back now, which need not be what was done last.
    func undoText(_ context: DisplayContext) -> String? {
        guard obstacles?.freeze == nil, let change = undoable?.first, change.until.seconds(since: context.now) >= 0,
            let way = context.way(.undo(change.receipt))
        else { return nil }
        let who = "\(Age.shortAgo(change.occurredAt, now: context.now)) by \(context.viewer.words(change.actor))"
        return "\(way) takes back: \(ActionName.doneWords(change.action)) \(who), receipt \(change.receipt); until "
            + context.times.until(change.until)
    }

    /// The ends of all that is shown with the time that is left.
    package var deadlines: [Timestamp] {
        let moments = [
            caller?.proof?.until, caller?.code?.until, temporaryPassword?.until, obstacles?.blockedUntil,
            undoable?.first?.until,
        ]
        return moments.compactMap { $0 } + approvals.map(\.expiresAt) + (links.value ?? []).compactMap(\.expiresAt)
            + (codes.value ?? []).map(\.expiresAt)
    }
}
