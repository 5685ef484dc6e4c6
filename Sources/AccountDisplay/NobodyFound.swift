package import ConvonetCore
import SearchText
package import TerminalKit

/// Why a search may have found nobody.
package enum NobodyFound {
    /// Whom the filters hide: `2 hidden by the filter inactive`.
    package static func hidden(_ count: ListCount, by filters: [AccountSelection.Filter]) -> String {
        "\(count.text) hidden by the filter\(filters.count == 1 ? "" : "s") "
            + filters.map(\.words).joined(separator: ", ")
    }

    /// What words of this kind match, where that is less than one might think.
    package static func rules(of selection: AccountSelection) -> [String] {
        let short = selection.words.filter(SearchFold.matchesBeginningsOnly)
        return [
            short.isEmpty
                ? nil : "Words as short as “\(short.joined(separator: "”, “"))” match only the start of a word.",
            selection.wordsLikeIDs.isEmpty ? nil : "Ids match from their beginning, by four digits or more.",
        ].compactMap { $0 }
    }
}
