import FoundationEssentials

/// What the person does, with what they hold.
extension ModelWorld {
    /// Carries out what the person calls.
    mutating func selfService(_ call: ModelCall, _ answer: ModelAnswer) -> ModelOutcome {
        switch call.verb {
        case .askLink(let address):
            mails.append(
                Mail(
                    kind: "link_request", person: call.person, address: address,
                    request: call.request, createdAt: now, giveUpAt: now + 60))
            return .done
        case .useLink(let token, let hash): return use(token, .password, hash, call, answer)
        case .usePINLink(let token): return use(token, .pin, answer.pin, call, answer)
        case .enterCode(let login, let proof, let token): return enter(login, proof, token, call)
        case .changePassword(let proof, let hash): return change(proof, hash, call, answer)
        case .report(let token): return report(token, call)
        default: return .nothing
        }
    }

    private mutating func selfOutcome(_ call: ModelCall, _ outcome: ModelOutcome) -> ModelOutcome {
        record("self", call.name, outcome)
        return outcome
    }

    private mutating func use(
        _ token: ModelToken, _ column: ModelPerson.Column, _ value: String?, _ call: ModelCall, _ answer: ModelAnswer
    ) -> ModelOutcome {
        guard let (person, index) = place(of: token, forPIN: column == .pin), !people[person].isGone else {
            return .nothing
        }
        if requests[call.request] != nil { return .replayed }
        if !people[person].isActive { return selfOutcome(call, .refused("account_inactive")) }
        if let fault = people[person].fault(of: people[person].links[index], at: now) {
            return selfOutcome(call, .refused(fault))
        }
        if let pin = answer.pin, isTaken(pin) { return .refused("a PIN that is not free") }
        people[person].links[index].isUsed = true
        setOwn(column, value, person, call, answer, link: index)
        return selfOutcome(call, .done)
    }

    /// The person has a new password or PIN: what was kept is over.
    private mutating func setOwn(
        _ column: ModelPerson.Column, _ value: String?, _ person: Int, _ call: ModelCall, _ answer: ModelAnswer,
        link: Int? = nil
    ) {
        people[person].replace(column, by: value, sequence: answer.sequence)
        people[person].kept = []
        if column == .password { (people[person].wrongTries, people[person].blockedUntil) = (0, 0) }
        requests[call.request] = (0, call.name, person)
        done.append(
            Done(
                person: person, request: call.request, sequence: answer.sequence, link: link, column: column,
                isBySelf: true))
        notify(call.name, of: person, call.request, receipt: answer.sequence)
    }

    /// The code that an address finds: one that is open, or else the newest.
    func code(of person: Int, _ login: String) -> Int? {
        let own = people[person].links.indices.filter { index in
            let link = people[person].links[index]
            return link.code != nil && link.address == login
        }
        let open = own.last { index in
            let link = people[person].links[index]
            return !link.isUsed && !link.isVoid && link.expiresAt.map { $0 > now } ?? false
        }
        return open ?? own.last
    }

    /// A code is entered for whoever is called so.
    private mutating func enter(_ login: String, _ proof: String, _ token: ModelToken, _ call: ModelCall)
        -> ModelOutcome
    {
        let person = call.person
        guard let index = foundCode ?? code(of: person, login), !people[person].isGone else { return .nothing }
        if !people[person].isActive { return selfOutcome(call, .refused("account_inactive")) }
        if let fault = people[person].fault(of: people[person].links[index], at: now) {
            return selfOutcome(call, .refused(fault))
        }
        people[person].links[index].tries += 1
        if people[person].links[index].tries > 5 { return selfOutcome(call, .refused("reset_code_tries")) }
        guard people[person].links[index].code == proof else {
            return selfOutcome(call, .refused("reset_code_wrong"))
        }
        people[person].links[index].tries = 0
        people[person].links[index].token = token
        return selfOutcome(call, .done)
    }

    /// A password is changed by whoever knows the old one.
    private mutating func change(_ proof: String, _ hash: String, _ call: ModelCall, _ answer: ModelAnswer)
        -> ModelOutcome
    {
        let person = call.person
        if people[person].isGone { return .gone }
        if requests[call.request] != nil { return .replayed }
        if !people[person].isActive { return selfOutcome(call, .refused("account_inactive")) }
        if people[person].blockedUntil > now { return selfOutcome(call, .refused("old_password_blocked")) }
        if people[person].isExternal { return selfOutcome(call, .refused("external_sign_in")) }
        if proof != people[person].hash {
            people[person].wrongTries += 1
            if people[person].wrongTries >= 5 {
                people[person].blockedUntil = now + (1 << min(people[person].wrongTries - 5, 6))
            }
            return selfOutcome(call, .refused("old_password_wrong"))
        }
        setOwn(.password, hash, person, call, answer)
        return selfOutcome(call, .done)
    }

    /// "That was not me": ends what could come of it, and freezes the account.
    private mutating func report(_ token: ModelToken, _ call: ModelCall) -> ModelOutcome {
        guard let index = mails.firstIndex(where: { $0.token == token && $0.approval == nil }),
            !people[mails[index].person].isGone, !mails[index].isReported
        else { return .nothing }
        let person = mails[index].person
        mails[index].isReported = true
        endToldValue(of: mails[index])
        people[person].revokeLinks(at: now)
        for index in approvals.indices where approvals[index].person == person {
            if [.requested, .approved].contains(approvals[index].state) {
                approvals[index].until = min(approvals[index].until, now)
            }
        }
        for index in codes.indices where codes[index].person == person {
            codes[index].isOutdated = true
            codes[index].provenAt = nil
        }
        people[person].isFrozen = true
        people[person].isReported = true
        return selfOutcome(call, .done)
    }

    /// Ends the password or PIN that a mail told of, unless something came after it.
    private mutating func endToldValue(of mail: Mail) {
        guard let told = done.last(where: { $0.request == mail.request && $0.person == mail.person }) else { return }
        let last = done.last { event in
            event.person == mail.person && event.column != nil
                && (event.sequence == told.sequence || event.isBySelf && event.link != nil && event.link == told.link)
        }
        guard let last, let column = last.column, people[mail.person].standing(column) == last.sequence else { return }
        let value = column == .password ? unknownHash() : nil
        people[mail.person].write(column, value)
        people[mail.person].credentials += 1
        marks.append("report ends a \(column)")
        people[mail.person].kept = []
    }
}
