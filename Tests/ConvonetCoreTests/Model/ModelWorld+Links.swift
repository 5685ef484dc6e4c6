/// Links, and codes that are read out: how they are given.
extension ModelWorld {
    /// A link or a code by staff, who are told why one would be of no use.
    mutating func give(_ call: ModelCall, _ answer: ModelAnswer) -> ModelOutcome {
        let person = people[call.person]
        let isForPIN = if case .sendPINLink = call.verb { true } else { false }
        if !person.isActive { return .refused("link_to_inactive") }
        if person.isExternal, !isForPIN { return .refused("external_sign_in") }
        var link = newLink(of: call.person, origin: .staff)
        link.isForPIN = isForPIN
        if case .issueCode(let hash) = call.verb {
            for index in person.links.indices where person.links[index].code != nil && !person.links[index].isUsed {
                if person.links[index].expiresAt.map({ $0 > now }) ?? false {
                    people[call.person].links[index].isVoid = true
                }
            }
            (link.code, link.expiresAt) = (hash, now + 15)
        } else {
            (link.mailUntil, link.mailWaits) = (now + 60, true)
        }
        people[call.person].links.append(link)
        let index = people[call.person].links.count - 1
        done.append(Done(person: call.person, request: call.request, sequence: answer.sequence, link: index))
        if link.code != nil {
            notify(call.name, of: call.person, call.request, receipt: answer.sequence)
        } else {
            mails.append(
                Mail(
                    kind: isForPIN ? "pin_link" : "reset_link", action: call.name, person: call.person,
                    address: person.email, request: call.request, createdAt: now, giveUpAt: now + 60, link: index))
        }
        return .done
    }

    func newLink(of person: Int, origin: ModelPerson.Link.Origin) -> ModelPerson.Link {
        ModelPerson.Link(
            origin: origin, address: people[person].email, hash: people[person].hash,
            pinChanges: people[person].pinChanges, createdAt: now)
    }

    /// The link with a token, which may be anybody's.
    func place(of token: ModelToken, forPIN: Bool) -> (person: Int, link: Int)? {
        for person in people.indices {
            let links = people[person].links
            if let link = links.firstIndex(where: { $0.token == token && $0.isForPIN == forPIN }) {
                return (person, link)
            }
        }
        return nil
    }
}
