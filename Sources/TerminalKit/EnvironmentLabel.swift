/// The colours that an environment can have: those that a terminal of eight colours has, and every theme can tell apart.
public enum EnvironmentColour: String, CaseIterable, Sendable {
    case red, yellow, green, cyan, blue, magenta

    var style: Style {
        switch self {
        case .yellow: .environment
        case .red: .environmentRed
        case .green: .environmentGreen
        case .blue: .environmentBlue
        case .magenta: .environmentMagenta
        case .cyan: .environmentCyan
        }
    }
}

/// What an environment is called, such as production, and its colour: in sight wherever something can be changed.
public struct EnvironmentLabel: Equatable, Sendable {
    /// The name, as ``fault(of:)`` lets it pass.
    public let name: String
    /// nil where the settings say none.
    public let colour: EnvironmentColour?

    /// A name with its colour.
    public init(_ name: String, _ colour: EnvironmentColour? = nil) { (self.name, self.colour) = (name, colour) }

    /// The most columns of a name: whole in a header of 40 columns, with its colour in words beside it.
    public static let widest = 20

    /// Why a name cannot be shown just as it is, to go on from the name; nil where it can.
    public static func fault(of name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if DisplayText.visible(name) != name || name.contains(where: \.isNewline) {
            return "has control characters or others that cannot be seen"
        }
        if name.split(separator: " ", omittingEmptySubsequences: false).contains("") {
            return "begins or ends with a blank, or has several in a row"
        }
        let columns = TextWidth.columns(of: name)
        return columns > widest ? "takes \(columns) columns: it may take \(widest)" : nil
    }

    /// The name, and where colours are not seen also which it has: `production (red)`.
    public func text(inColours: Bool) -> String {
        guard !inColours, let colour else { return name }
        return "\(name) (\(colour.rawValue))"
    }

    /// How the name is shown.
    public var style: Style { (colour ?? .yellow).style }
}
