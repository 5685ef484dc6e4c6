/// What comes of a change by staff, and what it leaves.
extension ModelWorld {
    /// Gives new ways in: what asks for a proof of the caller.
    private static let needProof: Set = [
        "reset_password", "issue_voice_pin", "set_voice_pin", "clear_voice_pin", "activate", "send_pin_link",
        "issue_reset_code",
    ]
    private static let standAlone: Set = ["undo", "freeze", "unfreeze"]
    private static let pinActions: Set = ["issue_voice_pin", "set_voice_pin", "clear_voice_pin"]

    /// Carries a change out, as the answer says what the server drew; gives what must have come of it.
    mutating func staff(_ call: ModelCall, _ answer: ModelAnswer) -> ModelOutcome {
        let person = call.person
        if people[person].isGone { return .gone }
        if let earlier = requests[call.request] {
            let isSame = earlier == (call.desk, call.name, person)
            return staffOutcome(call, isSame ? .replayed : .refused("request_id_reused"))
        }
        if let fault = fault(of: call) { return staffOutcome(call, fault) }
        let outcome: ModelOutcome
        if isProtected(person), !Self.standAlone.contains(call.name) {
            guard let index = openApproval(call.desk, person, call.name) else {
                ask(call, answer)
                return staffOutcome(call, .refused("approval_required"))
            }
            guard approvals[index].state == .approved else {
                let isDenied = approvals[index].state == .denied
                return staffOutcome(call, .refused(isDenied ? "approval_denied" : "approval_required"))
            }
            outcome = apply(call, answer)
            if outcome == .done {
                approvals[index].state = .used
                marks.append("staff changed what is protected")
            }
        } else {
            outcome = apply(call, answer)
        }
        if outcome == .done { requests[call.request] = (call.desk, call.name, person) }
        return staffOutcome(call, outcome)
    }

    private mutating func staffOutcome(_ call: ModelCall, _ outcome: ModelOutcome) -> ModelOutcome {
        record("operator", call.name, outcome)
        return outcome
    }

    /// What stops it before the new value is looked at.
    private func fault(of call: ModelCall) -> ModelOutcome? {
        let person = people[call.person]
        if person.isFrozen, call.name != "unfreeze" { return .refused("frozen") }
        if call.page.isOutdated(person.page()) { return .conflict("conflict account_changed") }
        if Self.needProof.contains(call.name), countingPoints(call) < pointsNeeded(call.person) {
            return .refused("caller_unproven")
        }
        switch call.verb {
        case .setActive(let isActive) where person.isActive == isActive: return .refused("already_so")
        case .resetPassword where house.isPasswordByLinkOnly: return .refused("links_only")
        case .issuePIN where house.isPINByLinkOnly, .typePIN where house.isPINByLinkOnly:
            return .refused("pins_by_link_only")
        case .resetPassword(_, isTyped: true) where !house.allowsTyped, .typePIN where !house.allowsTyped:
            return .refused("typed_not_allowed")
        default: return nil
        }
    }

    private mutating func apply(_ call: ModelCall, _ answer: ModelAnswer) -> ModelOutcome {
        let place = call.person
        switch call.verb {
        case .resetPassword(let hash, _):
            if people[place].isExternal { return .refused("external_sign_in") }
            replace(.password, by: hash, call, answer)
            if house.temporaryHours > 0 {
                people[place].temporary[hash] = .init(until: now + house.temporaryHours * 60)
            }
        case .issuePIN:
            if let pin = answer.pin, isTaken(pin) { return .refused("a PIN that is not free") }
            replace(.pin, by: answer.pin, call, answer)
        case .typePIN(let pin):
            if ModelPINs.refused == pin { return .refused(ModelPINs.rule) }
            if isTaken(pin) { return .refused("pin_unavailable") }
            replace(.pin, by: pin, call, answer)
        case .clearPIN:
            if people[place].pin == nil { return .refused("no_voice_pin") }
            replace(.pin, by: nil, call, answer)
        case .setActive(let isActive):
            keepOthers(of: place, column: nil, receipt: answer.sequence)
            people[place].isActive = isActive
            people[place].edition += 1
            renewKept(of: place)
            if !isActive { people[place].revokeLinks(at: now) }
        case .undo(let receipt): return undo(receipt, call, answer)
        case .unblock:
            if people[place].blockedUntil <= now { return .refused("not_blocked") }
            people[place].wrongTries = 0
            people[place].blockedUntil = 0
        case .sendLink, .sendPINLink, .issueCode: return give(call, answer)
        case .revokeLinks: return people[place].revokeLinks(at: now) > 0 ? .done : .refused("no_reset_link")
        case .freeze: return freeze(call)
        case .unfreeze: return unfreeze(call)
        default: break
        }
        return .done
    }

    private mutating func freeze(_ call: ModelCall) -> ModelOutcome {
        if call.reason == nil { return .refused("reason_required") }
        people[call.person].isFrozen = true
        for index in people[call.person].links.indices {
            let link = people[call.person].links[index]
            if link.isUsed || link.isVoid { continue }
            if link.isForPIN || link.code != nil && link.expiresAt.map({ $0 > now }) ?? false {
                people[call.person].links[index].isVoid = true
            }
        }
        return .done
    }

    private mutating func unfreeze(_ call: ModelCall) -> ModelOutcome {
        if people[call.person].isReported, people[call.person].isFrozen, call.reason == nil {
            return .refused("report_unanswered")
        }
        if !people[call.person].isFrozen { return .refused("not_frozen") }
        people[call.person].isFrozen = false
        people[call.person].isReported = false
        return .done
    }

    /// Whether somebody has a PIN, or may get it back.
    func isTaken(_ pin: String) -> Bool {
        people.contains { person in
            !person.isGone && person.pin == pin
                || person.kept.contains { $0.column == .pin && $0.value == pin && $0.until > now }
        }
    }
}
