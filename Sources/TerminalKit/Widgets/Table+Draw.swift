extension Table {
    /// Draws the titles over the first row of `rect`.
    public func drawHeader(_ layout: [ResolvedColumn], into buffer: inout Buffer, rect: Rect, style: Style = .strong) {
        buffer.fill(Rect(column: rect.column, row: rect.row, columns: rect.columns, rows: 1), style: style)
        for place in layout {
            let title = TextWidth.padded(
                columns[place.index].title, to: place.columns, alignment: columns[place.index].alignment)
            write(title, at: place, into: &buffer, rect: rect, style: style) { _ in [] }
        }
    }

    /// Draws one row of the table over the first row of `rect`: `items` in the order of ``columns``, and in them the places
    /// marked that `marking` finds.
    public func drawRow(
        _ items: [Item], _ layout: [ResolvedColumn], into buffer: inout Buffer, rect: Rect, selected: Bool = false,
        marking: (String) -> [Range<String.Index>] = { _ in [] }
    ) {
        let base: Style = selected ? .selected : .plain
        buffer.fill(Rect(column: rect.column, row: rect.row, columns: rect.columns, rows: 1), style: base)
        if selected, rect.columns > 0 { buffer.write(">", column: rect.column, row: rect.row, style: base) }
        for place in layout where place.index < items.count {
            let item = items[place.index]
            let text = TextWidth.padded(item.text, to: place.columns, alignment: columns[place.index].alignment)
            let style = selected ? base : item.style
            write(
                text, at: place, into: &buffer, rect: rect, style: style,
                marking: item.isSearched ? marking : { _ in [] })
        }
    }

    private func write(
        _ text: String, at place: ResolvedColumn, into buffer: inout Buffer, rect: Rect, style: Style,
        marking: (String) -> [Range<String.Index>]
    ) {
        let limit = min(place.columns, rect.columns - place.column)
        guard limit > 0 else { return }
        let matchStyle: Style = style == .selected ? .selectedMatch : .match
        buffer.write(
            text, column: rect.column + place.column, row: rect.row, style: style, marking: marking,
            matchStyle: matchStyle, limit: limit)
    }
}
