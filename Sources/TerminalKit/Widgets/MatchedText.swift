extension Buffer {
    /// Writes `text` with every occurrence of the words in `matchStyle`, whatever their case; returns the columns used.
    @discardableResult
    public mutating func write(
        _ text: String, column: Int, row: Int, style: Style = .plain, matching words: [String],
        matchStyle: Style = .match, limit: Int? = nil
    ) -> Int {
        let shown = DisplayText.visible(text)
        let used = write(shown, column: column, row: row, style: style, limit: limit)
        for range in matches(of: words, in: shown) {
            let characters = Array(shown)
            let first = TextWidth.columns(of: String(characters[..<range.lowerBound]))
            let width = TextWidth.columns(of: String(characters[range]))
            let end = min(first + width, used)
            guard first < end else { continue }
            restyle(Rect(column: column + first, row: row, columns: end - first, rows: 1), style: matchStyle)
        }
        return used
    }

    /// Where the words are, in characters of `text`.
    private func matches(of words: [String], in text: String) -> [Range<Int>] {
        guard !words.isEmpty else { return [] }
        let characters = text.map { $0.lowercased() }
        var found: [Range<Int>] = []
        for word in words where !word.isEmpty {
            let wanted = DisplayText.visible(word).map { $0.lowercased() }
            guard wanted.count <= characters.count else { continue }
            var start = 0
            while start + wanted.count <= characters.count {
                if characters[start..<start + wanted.count].elementsEqual(wanted) {
                    found.append(start..<start + wanted.count)
                    start += wanted.count
                } else {
                    start += 1
                }
            }
        }
        return found
    }
}
