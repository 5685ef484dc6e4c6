import FoundationEssentials

/// What comes of time.
extension ModelWorld {
    mutating func pass(_ minutes: Int) {
        events = []
        now += minutes
    }

    /// Whoever tidies ends the temporary passwords whose time is over, where the account still has them.
    mutating func tidy() {
        events = []
        for place in people.indices where !people[place].isGone {
            let hash = people[place].hash
            guard let temporary = people[place].temporary[hash], !temporary.isOver, temporary.until <= now else {
                continue
            }
            let new = unknownHash()
            for index in people[place].links.indices where people[place].links[index].hash == hash {
                people[place].links[index].hash = new
            }
            people[place].temporary[hash] = nil
            people[place].temporary[new] = .init(until: temporary.until, isOver: true)
            people[place].replace(.password, by: new, sequence: -1_000_000 - events.count - unknownHashes)
            people[place].kept = []
            record("schedule", "expire_password", .done)
            sendLinkInstead(to: place)
        }
    }

    private mutating func sendLinkInstead(to place: Int) {
        guard people[place].isActive else { return }
        var link = newLink(of: place, origin: .schedule)
        (link.mailUntil, link.mailWaits) = (now + 3 * 24 * 60, true)
        people[place].links.append(link)
        let (request, index) = (UUID(), people[place].links.count - 1)
        mails.append(
            Mail(
                kind: "reset_link", action: "expire_password", person: place, address: people[place].email,
                request: request, createdAt: now, giveUpAt: now + 3 * 24 * 60, link: index))
        done.append(Done(person: place, request: request, sequence: -2_000_000 - index, link: index))
    }
}
