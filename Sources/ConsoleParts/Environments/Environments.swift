package import ConsoleRequests
public import TerminalKit

/// The databases that the settings name, and the way to another of them.
public struct Environments: Sendable {
    /// All of them, the one that is shown among them.
    public var labels: [EnvironmentLabel]
    /// Why there is no way to another one; nil where there is.
    public var refusal: String?
    /// Opens one by its name.
    public var open: @Sendable (String) async -> Result<Opening, OpeningFailure>

    /// Those of the settings, and how one of them is opened.
    public init(
        _ labels: [EnvironmentLabel], refusal: String? = nil,
        open: @escaping @Sendable (String) async -> Result<Opening, OpeningFailure>
    ) {
        (self.labels, self.refusal, self.open) = (labels, refusal, open)
    }

    /// There is one database, and nothing to choose.
    public static let none = Environments(
        [], refusal: "The settings file names no other database: [environments] in config.example.toml shows how."
    ) { .failure(OpeningFailure("There is no environment “\($0)”.")) }
}

extension Shared {
    package static let isWritingHere = "A change is under way here: go over to another environment once it has ended."
}

/// Opens another database; nothing of the present one is touched.
package struct OpenEnvironment: Work {
    package typealias Value = Result<Opening, OpeningFailure>
    package typealias Progress = Never

    package let name: String
    private let open: @Sendable (String) async -> Value

    package init(_ name: String, in environments: Environments) { (self.name, open) = (name, environments.open) }

    package static let ownLane: Lane = "environment"
    package var lane: Lane? { Self.ownLane }

    package static func == (one: OpenEnvironment, other: OpenEnvironment) -> Bool { one.name == other.name }

    package func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws -> Value {
        await open(name)
    }
}
