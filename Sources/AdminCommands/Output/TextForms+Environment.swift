import TerminalKit

extension TextForms {
    /// Which environment it is, as a line of its own.
    static func environment(_ label: EnvironmentLabel) -> String { "Environment: \(label.name)." }

    /// A question that names the environment that the answer is for, where it has a name.
    static func question(_ text: String, in label: EnvironmentLabel?) -> String {
        label.map { "\($0.name): \(text)" } ?? text
    }

    /// What a message of a change goes on with, to name the environment; nothing where it has no name.
    static func place(_ label: EnvironmentLabel?) -> String { label.map { ", in \($0.name)" } ?? "" }
}
