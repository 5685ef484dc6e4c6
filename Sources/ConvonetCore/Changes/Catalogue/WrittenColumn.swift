/// A column of the application's table that changes write. The hand's right to it and the statement that writes it follow.
package struct WrittenColumn: Hashable, Sendable {
    /// Its name.
    package let name: String
    /// Whether it is a boolean; else it is a text.
    package let isFlag: Bool

    package static let passwordHash = WrittenColumn(name: "password_hash", isFlag: false)
    package static let voicePIN = WrittenColumn(name: "voice_pin", isFlag: false)
    package static let isActive = WrittenColumn(name: "is_active", isFlag: true)
    package static let isVerified = WrittenColumn(name: "is_verified", isFlag: true)

    /// Those of all changes, each once.
    package static let all = AccountAction.all.compactMap(\.rules.column).reduce(into: [WrittenColumn]()) {
        list, column in
        if !list.contains(column) { list.append(column) }
    }
}
