import AccountPolicy
import ConvonetCore
import ConvonetDatabase
import ConvonetSchema

/// The columns of the policy that no step makes: of a setting that is in the catalogue, type, default and range say the rest.
enum PolicyColumns {
    /// Adds those that are not there yet.
    static let script: String = {
        let steps = SchemaSource.steps(from: 0).map { String(decoding: $0, as: UTF8.self) }
        let added = PolicySetting.all.filter { setting in !steps.contains { $0.contains(" \(setting.name) ") } }
        if added.isEmpty { return "" }
        return "ALTER TABLE convonet_admin.policy "
            + added.map { "ADD COLUMN IF NOT EXISTS \(column($0))" }.joined(separator: ", ") + ";"
    }()

    private static func column(_ setting: PolicySetting) -> String {
        let (name, standard) = (setting.name, setting.value(.standard))
        return switch setting.kind {
        case .number(let range):
            "\(name) integer NOT NULL DEFAULT \(standard) CHECK (\(name) BETWEEN \(range.lowerBound) AND \(range.upperBound))"
        case .flag: "\(name) boolean NOT NULL DEFAULT \(standard)"
        case .text:
            "\(name) text NOT NULL DEFAULT \(QualifiedName.literal(standard)) CHECK (length(\(name)) <= 200)"
        case .list:
            "\(name) text[] NOT NULL DEFAULT ARRAY["
                + setting.entries(.standard).map(QualifiedName.literal).joined(separator: ", ")
                + "]::text[] CHECK (cardinality(\(name)) <= 1000)"
        }
    }
}
