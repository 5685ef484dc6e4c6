/// Where a window of a list is to be read.
public enum ListOrigin<Row: Sendable & Equatable>: Equatable, Sendable {
    /// After this row; nil is the beginning.
    case after(Row?)
    /// Before this row; nil is the end.
    case before(Row?)
    /// On both sides of this row, wherever it stands by now, and the row itself if it is still in the list.
    case around(Row)
}

/// A window of a list that is being read.
public struct ListFetch<Row: Sendable & Equatable>: Equatable, Sendable {
    /// What it is for.
    public enum Purpose: Equatable, Sendable {
        /// The beginning or the end of the list, in place of everything.
        case begin, end
        /// More behind the last row, or before the first.
        case append, prepend
        /// The rows with the selected one among them, as they are now.
        case refresh
        /// The same, where the selected one was not found among those.
        case seek
    }

    /// The number that its answer carries.
    public let request: Int
    /// What it is for.
    public let purpose: Purpose
    /// Where it is read.
    public let origin: ListOrigin<Row>
    /// The most rows; half of them on each side where it is around one.
    public let limit: Int

    /// Whether the answer takes the place of all rows and of the selection.
    public var replacesRows: Bool { purpose == .begin || purpose == .end }
}

/// A window of a list as it was read, in the list's order.
public struct ListPage<Row: Sendable & Equatable>: Equatable, Sendable {
    /// The rows.
    public var rows: [Row]
    /// Whether the list goes on before the first; looked at where it was read backwards or around a row.
    public var hasBefore: Bool
    /// Whether the list goes on behind the last; looked at where it was read forwards or around a row.
    public var hasAfter: Bool

    /// A page.
    public init(rows: [Row], hasBefore: Bool = false, hasAfter: Bool = false) {
        self.rows = rows
        self.hasBefore = hasBefore
        self.hasAfter = hasAfter
    }
}

/// A number of rows, and how well it is known.
public struct ListCount: Equatable, Sendable {
    /// How well a number is known.
    public enum Precision: Equatable, Sendable {
        /// It was counted.
        case exact
        /// It is an estimate.
        case about
        /// Counting was given up there.
        case moreThan
    }

    /// The number.
    public var number: Int
    /// How well it is known.
    public var precision: Precision

    /// A count; exact unless told.
    public init(_ number: Int, _ precision: Precision = .exact) {
        self.number = number
        self.precision = precision
    }

    /// The count in words: `1,204`, `about 1,000,000`, `more than 50,000`.
    public var text: String {
        switch precision {
        case .exact: Self.grouped(number)
        case .about: "about " + Self.grouped(number)
        case .moreThan: "more than " + Self.grouped(number)
        }
    }

    private static func grouped(_ number: Int) -> String {
        var text = String(number)
        var place = text.count - 3
        while place > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }
}
