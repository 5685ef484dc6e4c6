import FoundationEssentials
package import PostgresClient

extension Policy {
    /// The row `p` of the policy as one JSON object.
    package static let columns: Statement = "to_jsonb(p)::text"

    /// Reads what `columns` gives, setting by setting. What the row has besides belongs to a newer program.
    package init(json: String) throws {
        guard let values = try? JSONDecoder().decode([String: Value].self, from: Data(json.utf8)) else {
            throw PostgresError.unexpectedResult("a policy that is no JSON object of settings")
        }
        self = .standard
        for setting in PolicySetting.all {
            guard let value = values[setting.name], setting.take(value, into: &self) else {
                throw PostgresError.unexpectedResult("a policy without a good \(setting.name)")
            }
        }
    }

    /// A value of a setting.
    enum Value: Decodable, Sendable {
        case number(Int)
        case flag(Bool)
        case text(String)
        case list([String])
        /// What only a newer program can read.
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Int.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = (try? container.decode([String].self)).map(Value.list) ?? .other
            }
        }
    }
}

extension PolicySetting {
    /// Whether the value is one that the setting takes, and is taken.
    fileprivate func take(_ value: Policy.Value, into policy: inout Policy) -> Bool {
        switch (property, value) {
        case (.number(let path), .number(let number)):
            guard case .number(let range) = kind, range.contains(number) else { return false }
            policy[keyPath: path] = number
        case (.flag(let path), .flag(let flag)): policy[keyPath: path] = flag
        case (.text(let path), .text(let text)): policy[keyPath: path] = text
        case (.list(let path), .list(let entries)): policy[keyPath: path] = entries
        default: return false
        }
        return true
    }
}
