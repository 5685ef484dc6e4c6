import ConvonetCore
import FoundationEssentials
import TerminalKit

extension Console {
    /// The most people whose teams are read at once.
    private static let mostTeams = 500

    /// Reads the teams of the people that are loaded, where a column shows them and they are not known yet.
    mutating func readTeamsIfShown() -> [Effect] {
        let columns = size.columns - Self.previewColumns(size)
        guard opened.isEmpty, list.teamsRequest == nil, lost == nil, list.showsAnswer, list.window.fetch == nil,
            list.shownColumns(columns).contains(.team), list.window.shown.contains(where: { list.teams[$0.id] == nil })
        else { return [] }
        let unknown = list.window.rows.map(\.id).filter { [known = list.teams] in known[$0] == nil }.prefix(
            Self.mostTeams)
        guard !unknown.isEmpty else { return [] }
        let request = requests.next()
        list.teamsRequest = (request, Array(unknown))
        return [requests.read(TeamsQuery(ids: Array(unknown)), as: request) { $0.takeTeams(request, $1) }]
    }

    mutating func takeTeams(_ request: Int, _ result: Result<[UUID: [TeamMembership]], AdminError>) -> [Effect] {
        guard let (asked, ids) = list.teamsRequest, asked == request else { return [] }
        // What cannot be read is not said to be none, nor asked for again before the list is.
        guard case .success(let found) = result else { return [] }
        list.teamsRequest = nil
        for id in ids { list.teams[id] = found[id] ?? [] }
        return []
    }
}
