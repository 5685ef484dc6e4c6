package import ConvonetCore

extension Shared {
    /// How many people are kept.
    private static let mostPeople = 10

    /// Keeps who was opened, the last first.
    package mutating func remember(_ account: Account) {
        lastPeople = [account] + lastPeople.filter { $0.id != account.id }.prefix(Self.mostPeople - 1)
    }

    /// Those to go back to from somebody's page, or from where nobody is.
    package func others(than account: Account?) -> [Account] { lastPeople.filter { $0.id != account?.id } }
}
