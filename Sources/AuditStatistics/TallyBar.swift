package import TerminalKit

/// A bar for a counted group: what was done as one kind of block and what was not as another, so that the two are told apart without
/// colours.
package enum TallyBar {
    /// The bar as text, for so many columns where `most` events fill them; empty where there is nothing to show.
    package static func text(_ tally: AuditTally, of most: Int, columns: Int, lines: LineSet = .unicode) -> String {
        guard most > 0, columns > 0, tally.events > 0 else { return "" }
        let length = max(1, (tally.events * columns + most / 2) / most)
        let done = (tally.done * length + tally.events / 2) / tally.events
        let (full, light) = lines == .ascii ? ("#", ".") : ("█", "░")
        return String(repeating: full, count: done) + String(repeating: light, count: length - done)
    }
}
