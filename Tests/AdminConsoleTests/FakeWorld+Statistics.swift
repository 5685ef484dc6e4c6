import ConsoleRequests

@testable import AuditStatistics

extension FakeWorld {
    /// A log of many events, of which most were done.
    static let tallies: [AuditGrouping: [AuditTally]] = [
        .action: [
            tally("reset_password", done: 812, refused: 97, conflict: 4, failed: 1),
            tally("issue_voice_pin", done: 240, refused: 12), tally("send_reset_link", done: 61),
            tally("set_active", done: 2), tally("of_a_later_version", refused: 1),
        ],
        .operatorName: [
            tally("bert", done: 700, refused: 80), tally(String(repeating: "王", count: 20), done: 300, refused: 20),
            tally("(self)", done: 120, refused: 7), tally("\u{1B}[31m\u{202E}red", done: 3),
        ],
        .hour: (0..<24).map { hour in
            tally((hour < 10 ? "0" : "") + "\(hour)", done: (8..<18).contains(hour) ? 100 - hour : 0, refused: hour / 9)
        },
        .rule: [tally("password_common", refused: 90), tally("old_password_wrong", refused: 19)],
        .method: [tally("generated", done: 640), tally("typed", done: 172), tally("issued", done: 240)],
    ]

    private static func tally(_ group: String, done: Int = 0, refused: Int = 0, conflict: Int = 0, failed: Int = 0)
        -> AuditTally
    {
        AuditTally(group: group, done: done, refused: refused, conflict: conflict, failed: failed)
    }
}

extension TallySelection: MadeUp {
    func rows(in world: FakeWorld) -> [AuditTally] { world.tallies[grouping] ?? [] }

    /// The largest first, of hours the earliest.
    func key(_ row: AuditTally) -> String {
        grouping == .hour ? row.group : "\(10_000_000 - row.events) \(row.group)"
    }
}
