import FoundationEssentials
package import PostgresClient

extension Policy {
    /// The row `p` of the policy as one JSON object.
    package static let columns: Statement = "to_jsonb(p)::text"

    /// Reads what `columns` gives, setting by setting. What the row has besides belongs to a newer program.
    package init(json: String) throws {
        do {
            self = try JSONDecoder().decode(SettingsRow.self, from: Data(json.utf8)).policy
        } catch let error as PostgresError {
            throw error
        } catch {
            throw PostgresError.unexpectedResult("a policy that is no JSON object of settings")
        }
    }

    /// A policy's row. Each value is read as what its setting is: to try one kind after the other takes ten times as long.
    private struct SettingsRow: Decodable {
        var policy = Policy.standard

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: SettingName.self)
            for setting in PolicySetting.all {
                guard (try? setting.read(from: values, into: &policy)) == true else {
                    throw PostgresError.unexpectedResult("a policy without a good \(setting.name)")
                }
            }
        }
    }

    fileprivate struct SettingName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }
}

extension PolicySetting {
    /// Whether the value is one that the setting takes, and is taken.
    fileprivate func read(
        from values: KeyedDecodingContainer<Policy.SettingName>, into policy: inout Policy
    ) throws -> Bool {
        let name = Policy.SettingName(stringValue: name)
        switch property {
        case .number(let path):
            let number = try values.decode(Int.self, forKey: name)
            guard case .number(let range) = kind, range.contains(number) else { return false }
            policy[keyPath: path] = number
        case .flag(let path): policy[keyPath: path] = try values.decode(Bool.self, forKey: name)
        case .text(let path): policy[keyPath: path] = try values.decode(String.self, forKey: name)
        case .list(let path): policy[keyPath: path] = try values.decode([String].self, forKey: name)
        }
        return true
    }
}
