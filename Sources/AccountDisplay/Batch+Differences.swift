package import ConvonetCore
package import FoundationEssentials

extension Batch {
    /// Of whom something else would become than this says, or who is somebody else by now, each with what became different.
    ///
    /// That somebody signed in meanwhile, for instance, changes nothing of what was seen.
    package func differences(from now: Batch) -> [UUID: String] {
        let rows = Dictionary(now.rows.map { ($0.account.id, $0) }) { first, _ in first }
        var differences: [UUID: String] = [:]
        for before in self.rows {
            guard let row = rows[before.account.id] else {
                differences[before.account.id] = "Gone since you looked."
                continue
            }
            let changes = before.account.differences(from: row.account).map {
                "\($0.name): was \($0.before), is \($0.after)"
            }
            if row.standing == before.standing, row.result.rule == before.result.rule, changes.isEmpty { continue }
            let words = changes.isEmpty ? "what would happen is another" : changes.joined(separator: "; ")
            differences[before.account.id] = "Since you looked: " + words
        }
        return differences
    }
}
