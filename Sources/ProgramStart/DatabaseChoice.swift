/// Which of the databases is used: said by an option, then the environment's variables, then the settings file.
public enum DatabaseChoice: Equatable, Sendable {
    /// The one that this variable names, or several together do.
    case variable(String)
    /// The one at the top of the settings file, or libpq's own.
    case top
    /// One of `[environments]`.
    case environment(String)

    /// The variable that names an environment.
    public static let variableName = "CONVONET_ADMIN_ENVIRONMENT"

    /// Chooses; `option` is what `--environment` names. Throws where nothing or too much is said: nobody must come to another
    /// database than they believe.
    public static func of(
        _ file: SettingsDocument?, option: String?, environment: [String: String]
    ) throws(SettingsError) -> DatabaseChoice {
        try file?.checkDifferent()
        if let option { return try named(option, in: file) }
        let address = DatabaseAddress.source(environment)
        if let name = environment[variableName], !name.isEmpty {
            if let address { throw .namedTwice(variable: address) }
            return try named(name, in: file)
        }
        if let address { return .variable(address) }
        guard let file, !file.environmentNames.isEmpty || file.saysUsualEnvironment else {
            return .top
        }
        if let usual = try file.usualEnvironment() { return .environment(usual) }
        guard try file.namesDatabase() else { throw .noneNamed(known: try file.choices().map(\.name)) }
        return .top
    }

    private static func named(_ name: String, in file: SettingsDocument?) throws(SettingsError) -> DatabaseChoice {
        let choices = try file?.choices() ?? []
        guard let found = choices.first(where: { $0.name == name }) else {
            throw .unknownEnvironment(name, known: choices.map(\.name))
        }
        return found.choice
    }
}

extension SettingsDocument {
    /// What can be chosen by name: the database at the top of the file, where it has a name, and the environments.
    public func choices() throws(SettingsError) -> [(name: String, choice: DatabaseChoice)] {
        let others = environmentNames
        var top: [(name: String, choice: DatabaseChoice)] = []
        if !saysUsualEnvironment, try namesDatabase() {
            let name = try text("name", in: "environment")
            if let name { top = [(name, .top)] }
            guard others.isEmpty || name != nil else {
                throw .malformed(
                    path: path, line: line(of: nil, in: "database"),
                    reason:
                        "beside [environments], the database at the top needs a name, too: set name in [environment], "
                        + "or say environment = \"…\" in the first line")
            }
        }
        let all = top + others.map { ($0, .environment($0)) }
        for (index, one) in all.enumerated() {
            guard let twin = all[..<index].first(where: { $0.name.lowercased() == one.name.lowercased() }) else {
                continue
            }
            throw .malformed(
                path: path, line: lineOfEnvironment(one.name),
                reason: "“\(twin.name)” and “\(one.name)” are too much alike: give them different names")
        }
        return all
    }

    /// The line on which an environment begins.
    public func lineOfEnvironment(_ name: String) -> Int? { environment(name).line(of: nil, in: nil) }
}
