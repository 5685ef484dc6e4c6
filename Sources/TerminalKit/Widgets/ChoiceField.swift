/// One of several options, all of which are seen; a digit chooses, and so do the arrows.
public struct ChoiceField: Equatable, Sendable {
    /// What there is to choose.
    public private(set) var options: [String]
    /// Index of the chosen option; nil while none is.
    public var chosen: Int?

    /// A field with these options; none of them is chosen unless told.
    public init(_ options: [String], chosen: Int? = nil) {
        self.options = options
        self.chosen = chosen
    }

    /// The chosen option; nil while none is.
    public var text: String? { chosen.map { options[$0] } }

    /// Takes a key that chooses; false where it does not.
    public mutating func apply(_ key: Key) -> Bool {
        guard !options.isEmpty else { return false }
        switch key {
        case .right, .character(" "): chosen = chosen.map { ($0 + 1) % options.count } ?? 0
        case .left: chosen = chosen.map { ($0 + options.count - 1) % options.count } ?? options.count - 1
        case .character(let character):
            guard let digit = character.wholeNumberValue, (1...options.count).contains(digit) else { return false }
            chosen = digit - 1
        default: return false
        }
        return true
    }

    /// An option as it is drawn: `2 (•) Type`; only the first nine have a digit.
    public func label(_ index: Int) -> String {
        "\(index < 9 ? "\(index + 1) " : "")(\(index == chosen ? "•" : " ")) \(options[index])"
    }

    /// The options' indices, in as many rows as `columns` cells ask for.
    public func rows(columns: Int) -> [[Int]] {
        var rows: [[Int]] = []
        var used = 0
        for index in options.indices {
            let width = TextWidth.columns(of: label(index))
            if !rows.isEmpty, used + Self.gap + width <= columns {
                rows[rows.count - 1].append(index)
                used += Self.gap + width
            } else {
                rows.append([index])
                used = width
            }
        }
        return rows
    }

    /// Cells between two options in a row.
    public static let gap = 3
}
