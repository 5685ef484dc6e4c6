import ConsoleParts
import ConvonetCore
import FoundationEssentials
import TerminalKit

/// People whose names sound or are typed like what was searched for, where nobody has that.
extension AccountList {
    /// Whether the rows are such people: by what they answer, not by what is typed since.
    var showsAlike: Bool { answered?.selection.isAlike == true && !window.rows.isEmpty }

    var hasHits: Bool { showsAnswer && !window.rows.isEmpty && !selection.isAlike }

    var notice: String? {
        showsAlike ? answered.map { "Only alike: nobody matches “\($0.selection.text)”." } : nil
    }

    /// Looks for them, once it is known that nobody matches, whatever the filters hide; a next letter ends that.
    ///
    /// No key that waits for the answer is meant for one of them.
    mutating func lookForAlike(_ shared: inout Shared) {
        guard showsAnswer, window.rows.isEmpty, window.fetch == nil, !selection.isAlike, !selection.words.isEmpty,
            selection != likeNobody, selection.filters.isEmpty || unfiltered == ListCount(0),
            shared.context.hasSearchIndex
        else { return }
        heldKeys = []
        selection.isAlike = true
        fetch(.begin, &shared)
    }

    /// Keeps who is only alike, however they are come upon later, until a search finds them by what was typed.
    mutating func noteAlike(_ shared: inout Shared) {
        if selection.isAlike {
            heldKeys = []
            if window.rows.isEmpty {
                selection.isAlike = false
                answered?.selection = selection
                likeNobody = selection
            }
            shared.alike.formUnion(window.rows.map(\.id))
        } else if !selection.words.isEmpty {
            shared.alike.subtract(window.rows.map(\.id))
        }
    }
}
