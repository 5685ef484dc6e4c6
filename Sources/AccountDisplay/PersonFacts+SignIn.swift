import ConvonetCore
import OperatingSystem
import PostgresClient
package import TerminalKit

extension PersonFacts {
    /// How they sign in, and what holds them up there.
    package func signIn(_ context: DisplayContext) -> [Line.Fact] {
        var facts = callerFacts(context)
        switch account.signIn {
        case .password: facts.append(Line.Fact("Method", "local password"))
        case .external:
            let marker = account.externalMarker.map { " (\($0))" } ?? ""
            facts.append(Line.Fact("Method", "SSO\(marker), no local password", .accent))
        }
        facts += temporary(context)
        facts.append(Line.Fact("Signed in", account.lastLoginAt.map(context.times.full) ?? "never"))
        facts.append(Line.Fact("Voice PIN", account.hasVoicePIN ? "set" : "not set"))
        facts += obstacleFacts(context)
        guard let links = links.value?.prefix(3), !links.isEmpty else {
            return facts + [Self.lack("Links", self.links)]
        }
        facts += links.enumerated().map {
            Line.Fact($0.offset == 0 ? "Links" : "", words($0.element, context))
        }
        if let mailWarning, links.contains(where: { $0.state == .queued }) {
            facts.append(Line.Fact("", mailWarning, .caution))
        }
        return facts
    }

    /// What is said of what was not read yet.
    package static let unread = "not read yet"

    /// That there are none is said only where that was read.
    private static func lack<Value>(_ label: String, _ reading: Reading<Value>) -> Line.Fact {
        switch reading {
        case .loading: Line.Fact(label, unread, .dim)
        case .known: Line.Fact(label, "none")
        case .unavailable(let reason): Line.Fact(label, reason, .dim)
        }
    }

    package func about(_ times: Times) -> [Line.Fact] {
        let teams = teams.value?.map { "\($0.team) (\($0.role))" } ?? []
        return [
            Line.Fact("Id", account.idText), Line.Fact("Created", times.full(account.createdAt)),
            Line.Fact("Changed", times.full(account.updatedAt)),
            teams.isEmpty
                ? Self.lack("Teams", self.teams) : Line.Fact("Teams", teams.joined(separator: ", ")),
        ]
    }

    /// A link to set a password, or to a PIN: its state, whom it went to, and until when it is good.
    private func words(_ link: ResetLink, _ context: DisplayContext) -> String {
        let isOpen = link.state == .queued || link.state == .sent
        let until =
            link.expiresAt.map { end in
                if !isOpen { return "" }
                return end.seconds(since: context.now) < 0 ? ", expired" : ", good until \(context.times.until(end))"
            } ?? ""
        let who =
            switch link.origin {
            case .staff: "sent\(context.viewer.by(link.databaseUser))"
            case .person: "asked for by the person"
            case .schedule: "sent at expiry"
            }
        let moment = Age.shortAgo(link.stateAt ?? link.createdAt, now: context.now)
        let purpose = link.purpose == .voicePIN ? "PIN: " : ""
        let unsent = link.unsent.map { ", " + $0.words } ?? ""
        return "\(purpose)\(link.state.rawValue) \(moment)\(unsent), to \(link.address)\(until); \(who)"
    }
}
