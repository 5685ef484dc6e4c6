import FoundationEssentials

/// Makes a move of what an actor wants, by what there is now.
struct ModelChoice: Sendable {
    /// What happens next.
    enum Move: Sendable {
        case call(ModelCall)
        case mail
        case tidy
        case pass(Int)
    }

    var random: SeededNumbers
    /// Told apart in names from those of other interleavings.
    let name: String
    /// The pages that operators have open of each account, the newest last.
    var pages: [[ModelPage]]
    /// The last change that was done by staff.
    var lastDone: ModelCall?

    /// Text of the form of a bcrypt hash, of a password that nobody has.
    mutating func hash() -> String {
        let letters = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return "$2b$10$" + String((0..<53).map { _ in letters[random.next(letters.count)] })
    }

    /// Nil where there is nothing of the kind to do.
    mutating func move(_ wish: ModelWish, by turn: ModelPlans.Turn, on person: Int, _ world: ModelWorld) -> Move? {
        switch wish {
        case .mail: return .mail
        case .tidy: return .tidy
        case .pass(let minutes): return .pass(minutes[random.next(minutes.count)])
        case .again: return lastDone.map { .call($0) }
        case .againByAnother:
            guard var call = lastDone, case .desk = call.actor, !call.isSupervisors else { return nil }
            call.actor = .desk((call.desk + 1) % 3)
            return .call(call)
        default: break
        }
        guard let verb = ownVerb(wish, on: person, world) ?? deskVerb(wish, by: turn, on: person, world) else {
            return nil
        }
        var call = ModelCall(actor: actor(of: verb, turn), person: person, verb: verb)
        switch wish {
        case .askForAnother, .takeKeptPIN: call.person = 1 - person
        default: break
        }
        if case .decide(let approval, _) = verb {
            call.person = world.approvals.first { $0.id == approval }?.person ?? person
        }
        let open = pages[call.person]
        // Some have had the page open for a while.
        call.page = random.next(9) == 0 ? open[random.next(open.count)] : open[open.count - 1]
        let isNote = if case .freeze = verb { true } else { false }
        call.reason = random.next(isNote ? 6 : 2) > 0 ? "because" : nil
        return .call(call)
    }

    /// Who does such a thing; steps of others in a plan are theirs.
    private func actor(of verb: ModelCall.Verb, _ turn: ModelPlans.Turn) -> ModelCall.Actor {
        switch verb {
        case .askLink, .useLink, .usePINLink, .enterCode, .changePassword, .report: return .person
        case .writePassword, .writePIN, .writeAddress, .signIn, .delete: return .application
        case .freeze, .unfreeze, .decide: return .desk(2)
        default:
            if case .actor(.desk(let desk)) = turn { return .desk(desk) }
            return .desk(0)
        }
    }

    /// What the person and the application do.
    private mutating func ownVerb(_ wish: ModelWish, on place: Int, _ world: ModelWorld) -> ModelCall.Verb? {
        let person = world.people[place]
        func held(_ links: [ModelPerson.Link], _ random: inout SeededNumbers) -> ModelToken? {
            if links.isEmpty || random.next(20) == 0 { return random.next(4) == 0 ? ModelToken() : nil }
            return (random.next(3) > 0 ? links[links.count - 1] : links[random.next(links.count)]).token
        }
        switch wish {
        case .askLink: return .askLink(address: person.email)
        case .useLink:
            let links = person.links.filter { !$0.isForPIN && $0.mailIsSent }
            return held(links, &random).map { .useLink($0, hash: hash()) }
        case .useCode:
            let links = person.links.filter { $0.code != nil && $0.token != nil }
            return held(links, &random).map { .useLink($0, hash: hash()) }
        case .usePINLink:
            let links = person.links.filter { $0.isForPIN && $0.mailIsSent }
            return held(links, &random).map { .usePINLink($0) }
        case .enterRight:
            guard let code = person.links.last(where: { $0.code != nil })?.code else { return nil }
            return .enterCode(login: person.email, proof: code, token: ModelToken())
        case .enterWrong: return .enterCode(login: person.email, proof: hash(), token: ModelToken())
        case .changePassword: return .changePassword(proof: person.hash, hash: hash())
        case .wrongPassword: return .changePassword(proof: hash(), hash: hash())
        case .report:
            let mails = world.mails.filter { $0.person == place && $0.state == .sent && $0.approval == nil }
            guard !mails.isEmpty else { return random.next(4) == 0 ? .report(ModelToken()) : nil }
            let mail = random.next(3) > 0 ? mails[mails.count - 1] : mails[random.next(mails.count)]
            return mail.token.map { .report($0) }
        case .writePassword: return .writePassword(random.next(3) == 0 ? "OAUTH_GOOGLE" : hash())
        case .writePIN:
            let pin = ModelPINs.free(random.next(400))
            // The application has an index of its own against two who have the same.
            let isHeld = world.people.contains { !$0.isGone && $0.pin == pin }
            return .writePIN(isHeld || random.next(2) == 0 ? nil : pin)
        case .takeKeptPIN: return keptPIN(world).map { .writePIN($0) }
        case .writeAddress: return .writeAddress("\(name)-\(place)-\(random.next(2))@example.org")
        case .signIn: return .signIn
        case .delete: return .delete
        default: return nil
        }
    }

    /// A PIN that waits to come back to somebody; the application does not know.
    private mutating func keptPIN(_ world: ModelWorld) -> String? {
        let kept = world.people.flatMap(\.kept).filter { $0.column == .pin }.compactMap(\.value)
        let free = kept.filter { pin in !world.people.contains { !$0.isGone && $0.pin == pin } }
        return free.isEmpty ? nil : free[random.next(free.count)]
    }

    /// What staff do.
    private mutating func deskVerb(
        _ wish: ModelWish, by turn: ModelPlans.Turn, on place: Int, _ world: ModelWorld
    ) -> ModelCall.Verb? {
        let person = world.people[place]
        let desk = if case .actor(.desk(let number)) = turn { number } else { 0 }
        switch wish {
        case .resetPassword: return .resetPassword(hash: hash(), isTyped: random.next(3) == 0)
        case .issuePIN: return .issuePIN
        case .typePIN: return .typePIN(typedPIN(world))
        case .clearPIN: return .clearPIN
        case .activate: return .setActive(true)
        case .deactivate: return .setActive(false)
        case .sendLink: return .sendLink
        case .sendPINLink: return .sendPINLink
        case .revokeLinks: return .revokeLinks
        case .signOut: return .signOut
        case .unblock: return .unblock
        case .undoOwn:
            let own = person.kept.filter { $0.desk == desk }.map(\.receipt).max()
            return (own ?? person.receipts.keys.max()).map { .undo(receipt: $0) }
        case .undoAny:
            let receipts = world.people.flatMap(\.receipts.keys).sorted()
            return receipts.isEmpty ? nil : .undo(receipt: receipts[random.next(receipts.count)])
        case .freeze: return .freeze
        case .unfreeze: return .unfreeze
        case .issueCode: return .issueCode(hash: hash())
        case .askCallerCode, .askForAnother: return .askCallerCode
        case .verifyRight:
            let own = world.codes.last { $0.desk == desk && $0.person == place }
            return .verifyCaller(code: own?.code ?? ModelToken())
        case .verifyWrong: return .verifyCaller(code: ModelToken())
        case .approve, .deny:
            let open = world.approvals.last { $0.state == .requested } ?? world.approvals.last
            let approves = if case .approve = wish { true } else { false }
            return open.map { .decide(approval: $0.id, approves: approves) }
        default: return nil
        }
    }

    private mutating func typedPIN(_ world: ModelWorld) -> String {
        let held =
            world.people.compactMap(\.pin)
            + world.people.flatMap(\.kept).filter { $0.column == .pin }.compactMap(\.value)
        switch random.next(8) {
        case 0: return ModelPINs.refused
        case 1...3 where !held.isEmpty: return held[random.next(held.count)]
        default: return ModelPINs.free(random.next(400))
        }
    }
}
