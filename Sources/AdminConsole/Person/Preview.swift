import ConvonetCore
import TerminalKit

/// What stands beside a wide list: the selected person, read a moment after the cursor came to rest.
struct Preview: Equatable, Sendable {
    private(set) var facts: PersonFacts
    /// The request that reads the rest; nil before it was sent.
    var request: Int?
    /// When the rest is read, by the clock of `Console.uptime`; nil once it is.
    var readAt: Int?
    /// Whether what goes with this person was read.
    var isComplete: Bool { facts.history != .loading }

    /// Milliseconds for which the cursor has to rest.
    static let pause = 150

    init(_ account: Account, uptime: Int) {
        facts = PersonFacts(account)
        readAt = uptime + Self.pause
    }

    /// Takes the row as the list has it now.
    mutating func take(_ account: Account) { facts.account = account }

    mutating func take(_ dossier: AccountDossier, mayReadLog: Bool) {
        facts.take(dossier, mayReadLog: mayReadLog)
    }
}

extension Console {
    /// Columns from which the list has a preview beside it.
    static let columnsForPreview = 110

    static func previewColumns(_ size: Size) -> Int {
        size.columns < columnsForPreview ? 0 : min(52, max(50, size.columns / 3))
    }

    private var showsPreview: Bool { opened.isEmpty && Self.previewColumns(size) > 0 }

    /// Lets the preview follow the cursor, after whatever happened.
    mutating func followSelection() {
        guard showsPreview, let account = list.account else {
            // What was opened keeps what is known until one is back.
            if opened.isEmpty { preview = nil }
            return
        }
        if preview?.facts.account.id == account.id {
            if preview?.facts.account != account {
                preview?.take(account)
                preview?.readAt = uptime + Preview.pause
            }
        } else {
            preview = Preview(account, uptime: uptime)
        }
    }

    /// Reads what the cursor rests on.
    mutating func readPreviewIfDue() -> [Effect] {
        guard showsPreview, reset == nil, lost == nil, let preview, let due = preview.readAt, uptime >= due else {
            return []
        }
        let request = requests.next()
        self.preview?.readAt = nil
        self.preview?.request = request
        return [readPerson(preview.facts.account.id, for: .preview, as: request)]
    }
}
