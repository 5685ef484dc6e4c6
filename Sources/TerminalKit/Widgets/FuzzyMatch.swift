/// Whether typed letters occur in a text in their order, and how well.
public enum FuzzyMatch {
    /// nil where they do not; else more for letters that begin words or follow one another.
    public static func score(_ query: String, in text: String) -> Int? {
        let letters = Array(query.lowercased().filter { !$0.isWhitespace })
        let target = Array(text.lowercased())
        var score = 0
        var place = 0
        var last = -2
        for letter in letters {
            guard let index = target[place...].firstIndex(of: letter) else { return nil }
            if index == last + 1 { score += 3 }
            if index == 0 || target[index - 1] == " " { score += 2 }
            score -= (index - place) / 8
            last = index
            place = index + 1
        }
        return score
    }
}
