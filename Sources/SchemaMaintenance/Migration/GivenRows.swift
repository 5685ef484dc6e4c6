import Credentials

/// SQL for the rows that our tables have from the beginning.
enum GivenRows {
    /// Fills the table of refused PINs, one statement a rule; kept, since over a million PINs are looked at for it.
    static let refusedPINs: String = {
        var groups: [String: [String]] = [:]
        for length in 4...6 {
            for (pin, pattern) in PINRules.refused(length: length) { groups[pattern.rule, default: []].append(pin) }
        }
        return groups.sorted { $0.key < $1.key }.map { rule, pins in
            """
            INSERT INTO convonet_admin.refused_pin (rule, pin)
            SELECT '\(rule)', unnest(string_to_array(translate('\(lines(of: pins))', E'\\n', ' '), ' '));
            """
        }.joined(separator: "\n")
    }()

    /// A row to lock for each set of counters.
    static let operatorSlots =
        "INSERT INTO convonet_admin.operator_slot (slot) SELECT generate_series(0, 63) ON CONFLICT DO NOTHING;"

    private static func lines(of pins: [String]) -> String {
        stride(from: 0, to: pins.count, by: 16).map { start in
            pins[start..<min(start + 16, pins.count)].joined(separator: " ")
        }.joined(separator: "\n")
    }
}
