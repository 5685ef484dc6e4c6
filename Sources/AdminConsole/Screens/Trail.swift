import ConsoleParts
import ConvonetCore
import FoundationEssentials

/// A screen that one can be brought back to.
enum Place: Sendable {
    case accounts
    case person(Account)
    /// The log of everybody, or of one account.
    case log(Account?)
    case approvals
    case statistics

    /// The same for the same screen, whatever has become of the account.
    fileprivate var key: String {
        switch self {
        case .accounts: "accounts"
        case .person(let account): "person \(account.id)"
        case .log(let account): "log \(account?.id.uuidString ?? "")"
        case .approvals: "approvals"
        case .statistics: "statistics"
        }
    }
}

/// The screens that were seen, one after the other, to go back and forward in them as in a browser.
struct Trail: Sendable {
    private var places: [Place] = []
    private var index = 0

    /// How many are kept.
    private static let most = 50

    /// Notes what is seen now; whoever went back and then elsewhere cannot go forward any more.
    mutating func visit(_ place: Place) {
        if places.indices.contains(index), places[index].key == place.key { return }
        places = (places.prefix(index + 1) + [place]).suffix(Self.most)
        index = places.count - 1
    }

    /// What was seen before, or after; nil where nothing was.
    func place(forward: Bool) -> Place? {
        let next = index + (forward ? 1 : -1)
        return places.indices.contains(next) ? places[next] : nil
    }

    mutating func step(forward: Bool) { index += forward ? 1 : -1 }
}

extension Console {
    /// Goes to what was seen before, or after.
    mutating func go(forward: Bool) {
        guard let place = trail.place(forward: forward) else { return }
        trail.step(forward: forward)
        // What lies below is there as it was.
        if let number = stack.last(where: { ($0.part as? any Screen)?.place?.key == place.key })?.number {
            showHidden(goesBack: false)
            while let top = parts.last, top.number != number { drop() }
            return
        }
        switch place {
        case .accounts: break
        case .person(let account): open(PersonPage(of: account, knowing: nil))
        case .log(let account): open(AuditPage(of: account))
        case .approvals: open(ApprovalList())
        case .statistics: open(StatisticsPage())
        }
    }

    /// Closes what lies over the list of accounts.
    mutating func goToList() {
        showHidden(goesBack: false)
        while parts.count > 1 { drop() }
    }

    mutating func noteSeenScreen() { screen.place.map { trail.visit($0) } }
}
