public import AccountPolicy

extension AccountAction {
    /// Whether it may be done to many people at once: what makes, takes or brings back a secret is done for one person at a
    /// time, by somebody who talks to them.
    public var isForMany: Bool {
        switch value {
        case .none, .state: !rules.replacesCredential
        default: false
        }
    }

    /// How often one operator may do it within an hour; nil where nothing limits that.
    public func hourlyLimit(under policy: Policy) -> Int? {
        let budget =
            switch rules.budget {
            case .credential: policy.resetsPerOperatorHour
            case .state: policy.statesPerOperatorHour
            case nil: 0
            }
        return [budget, policy.eventsPerOperatorHour].filter { $0 > 0 }.min()
    }

    /// Its name as a command line has it: `send-reset-link`.
    public var optionName: String { name.replacing("_", with: "-") }

    /// Those that may be done to many people.
    public static let forMany = all.filter(\.isForMany)

    /// What is said where one is asked for that is not for many; nil for what is no change.
    public static func whyNotForMany(_ name: String) -> String? {
        guard all.contains(where: { $0.optionName == name }), !forMany.contains(where: { $0.optionName == name })
        else { return nil }
        return
            "“\(name)” is for one person at a time: secrets are never made or taken away in bulk. Send links instead."
    }
}

extension AccountChange.Action {
    /// One for many people, by its name on a command line; nil where there is none of that name.
    public init?(forMany name: String) {
        guard let kind = AccountAction.forMany.first(where: { $0.optionName == name }) else { return nil }
        self.init(kind)
    }
}
