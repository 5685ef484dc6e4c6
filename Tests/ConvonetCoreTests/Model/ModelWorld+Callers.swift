/// Who is speaking, and who else has to agree.
extension ModelWorld {
    /// A code for a caller is asked for, or what they read back is entered.
    mutating func caller(_ call: ModelCall) -> ModelOutcome {
        if people[call.person].isGone { return .gone }
        let outcome: ModelOutcome
        if case .verifyCaller(let code) = call.verb {
            outcome = verify(code, call)
        } else {
            outcome = askCode(call)
        }
        record("operator", call.name, outcome)
        return outcome
    }

    private mutating func askCode(_ call: ModelCall) -> ModelOutcome {
        let recent = codes.count { $0.person == call.person && now - $0.askedAt < 60 }
        if recent >= 3 { return .refused("code_limit") }
        let address = people[call.person].email
        codes.append(CallerCode(desk: call.desk, person: call.person, address: address, askedAt: now))
        mails.append(
            Mail(
                kind: "caller_code", person: call.person, address: address, request: call.request, createdAt: now,
                giveUpAt: now + 10, code: codes.count - 1))
        return .done
    }

    private mutating func verify(_ code: ModelToken, _ call: ModelCall) -> ModelOutcome {
        let index = codes.lastIndex { $0.desk == call.desk && $0.person == call.person }
        if let fault = callerFault(of: index) {
            if let index, fault == "code_outdated" { codes[index].isOutdated = true }
            return .refused(fault)
        }
        guard let index else { return .refused("code_missing") }
        codes[index].tries += 1
        guard codes[index].code == code else { return .refused("code_wrong") }
        codes[index].provenAt = now
        return .done
    }

    /// Why nothing that is entered can be this code.
    func callerFault(of index: Int?) -> String? {
        guard let index else { return "code_missing" }
        let code = codes[index]
        if code.provenAt != nil { return "code_used" }
        if code.isOutdated || people[code.person].isGone || code.address != people[code.person].email {
            return "code_outdated"
        }
        if codes.lastIndex(where: { $0.desk == code.desk }) != index { return "code_replaced" }
        if code.code == nil { return "code_not_sent" }
        if code.expiresAt <= now { return "code_expired" }
        return code.tries >= 5 ? "code_tries" : nil
    }

    /// What counts for a change: what is proven now, or was when the approval was asked for by which it is done.
    func countingPoints(_ call: ModelCall) -> Int {
        let own = points(call.desk, call.person)
        let approved = approvals.last { approval in
            approval.desk == call.desk && approval.person == call.person && approval.action == call.name
                && approval.state == .approved && approval.until > now
                && !approval.page.isOutdated(people[call.person].page())
        }
        return isProtected(call.person) ? max(own, approved?.points ?? 0) : own
    }

    /// The newest request of a desk for what it attempts, unless it is used or over.
    func openApproval(_ desk: Int, _ person: Int, _ action: String) -> Int? {
        let newest = approvals.lastIndex { approval in
            approval.desk == desk && approval.person == person && approval.action == action && approval.until > now
                && !approval.page.isOutdated(people[person].page())
        }
        return newest.flatMap { approvals[$0].state == .used ? nil : $0 }
    }

    /// Asks for the approval that a change lacks.
    mutating func ask(_ call: ModelCall, _ answer: ModelAnswer) {
        let person = call.person
        events.append("operator request_approval done")
        let asked = Approval(
            id: answer.approval ?? 0, desk: call.desk, person: person, action: call.name, page: people[person].page(),
            points: points(call.desk, person), until: now + 15)
        approvals.append(asked)
        guard house.tellsApprovers else { return }
        let told = mails.count { mail in
            mail.approval.map { approvals[$0].desk == call.desk && now - mail.createdAt < 60 } ?? false
        }
        guard told < 3 else { return }
        mails.append(
            Mail(
                kind: "approval_request", action: call.name, person: person, address: "boss@example.org",
                request: call.request, createdAt: now, giveUpAt: asked.until, approval: approvals.count - 1))
    }

    /// A second person's word.
    mutating func decide(_ call: ModelCall, _ id: Int, approves: Bool) -> ModelOutcome {
        guard let index = approvals.firstIndex(where: { $0.id == id }) else { return .gone }
        let asked = approvals[index]
        let outcome: ModelOutcome
        if asked.desk == call.desk {
            outcome = .refused("own_request")
        } else if asked.state != .requested {
            outcome = .refused("already_decided")
        } else if asked.until <= now {
            outcome = .refused("approval_expired")
        } else if approves, asked.page.isOutdated(people[asked.person].page()) {
            outcome = .refused("approval_outdated")
        } else {
            approvals[index].state = approves ? .approved : .denied
            approvals[index].until = now + 15
            outcome = .done
        }
        record("operator", call.name, outcome)
        return outcome
    }
}
