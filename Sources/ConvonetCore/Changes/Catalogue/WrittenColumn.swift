/// A column of the application's table that changes write. The hand's right to it and the statement that writes it follow.
package struct WrittenColumn: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Whether it is a boolean; else it is a text.
    package let isFlag: Bool
    /// The rule where somebody else has the value; nil where several may have the same.
    package let taken: String?

    package static let passwordHash = WrittenColumn("password_hash")
    package static let voicePIN = WrittenColumn("voice_pin", taken: "pin_taken")
    package static let isActive = WrittenColumn("is_active", isFlag: true)
    package static let isVerified = WrittenColumn("is_verified", isFlag: true)

    /// Those of all changes, each once.
    package static let all = AccountAction.all.compactMap(\.rules.column).reduce(into: [WrittenColumn]()) {
        list, column in
        if !list.contains(column) { list.append(column) }
    }

    init(_ name: String, isFlag: Bool = false, taken: String? = nil) {
        self.name = name
        self.isFlag = isFlag
        self.taken = taken
    }
}
