/// What the mail program takes, and what is not sent.
extension ModelWorld {
    /// The mail program took these, from the oldest on; gives what is not as it must be. What is not to be sent is ended.
    mutating func send(_ taken: [ModelMail]) -> String? {
        events = []
        var rest = taken
        for index in mails.indices where mails[index].state == .waiting {
            if mails[index].giveUpAt <= now {
                end(index, .failed)
                continue
            } else if mails[index].kind == "link_request" {
                guard resolve(index) else { continue }
            } else if isNeedless(mails[index]) {
                end(index, .void)
                continue
            } else if let link = mails[index].link {
                people[mails[index].person].links[link].expiresAt = now + 60
            }
            let found = rest.firstIndex { mail in
                mails[index].kind == mail.kind && mails[index].address == mail.address
                    && mails[index].action == mail.action
            }
            guard let found else { return "not sent: \(mails[index])" }
            send(index, rest.remove(at: found))
        }
        return rest.isEmpty ? nil : "nobody must be sent \(rest)"
    }

    private mutating func end(_ index: Int, _ state: Mail.State) {
        mails[index].state = state
        if let link = mails[index].link {
            people[mails[index].person].links[link].mailWaits = false
            people[mails[index].person].links[link].mailIsSent = state == .sent
        }
    }

    /// Whether a mail is not sent, since what it carries or tells of is over.
    private mutating func isNeedless(_ mail: Mail) -> Bool {
        let person = people[mail.person]
        if let link = mail.link {
            let fault = person.fault(of: person.links[link], at: now)
            return !person.isActive || person.isGone || fault != nil && fault != "link_expired"
        }
        if let code = mail.code {
            let fault = callerFault(of: code)
            if fault == "code_outdated" { codes[code].isOutdated = true }
            return fault.map { !["code_not_sent", "code_expired", "code_tries"].contains($0) } ?? false
        }
        if let approval = mail.approval {
            return approvals[approval].state != .requested || approvals[approval].until <= now
        }
        if let undoes = mail.undoes {
            let told = mails.first { $0.kind == "notice" && $0.receipt == undoes }
            return told.map { [.void, .failed].contains($0.state) } ?? true
        }
        // A change that was taken back within the minute of its making was a moment.
        return mail.createdAt == now && mail.receipt.map(person.undone.contains) ?? false
    }

    /// Makes a link of what was asked for by an address, and says whether it is to be sent.
    private mutating func resolve(_ index: Int) -> Bool {
        let mail = mails[index]
        let holder = people.firstIndex { !$0.isGone && $0.email == mail.address }
        guard let holder else {
            end(index, .void)
            return false
        }
        let refusal: String? =
            !people[holder].isActive
            ? "account_inactive"
            : people[holder].isExternal ? "external_sign_in" : hasEnoughLinks(holder) ? "account_limit" : nil
        guard refusal == nil else {
            record("self", "send_reset_link", .refused(refusal ?? ""))
            end(index, .void)
            return false
        }
        record("self", "send_reset_link", .done)
        var link = newLink(of: holder, origin: .person)
        (link.expiresAt, link.mailUntil, link.mailWaits) = (now + 60, mail.giveUpAt, true)
        people[holder].links.append(link)
        mails[index].kind = "reset_link"
        mails[index].person = holder
        mails[index].link = people[holder].links.count - 1
        done.append(
            Done(person: holder, request: mail.request, sequence: -mails.count - index, link: mails[index].link))
        return true
    }

    /// Whether somebody asked for two links within the hour and has one that is good.
    private func hasEnoughLinks(_ person: Int) -> Bool {
        let own = people[person].links.filter { $0.origin == .person }
        return own.count { now - $0.createdAt < 60 } >= 2
            && own.contains { link in
                people[person].fault(of: link, at: now) == nil
                    && (link.mailIsSent || link.mailWaits && (link.mailUntil ?? 0) > now)
            }
    }

    private mutating func send(_ index: Int, _ mail: ModelMail) {
        end(index, mail.isTaken ? .sent : .failed)
        // Whoever never gets it does not hold what it carries, which is good all the same.
        mails[index].token = mail.token
        if let link = mails[index].link { people[mails[index].person].links[link].token = mail.token }
        if let code = mails[index].code {
            codes[code].code = mail.code
            codes[code].expiresAt = now + 10
        }
    }
}
