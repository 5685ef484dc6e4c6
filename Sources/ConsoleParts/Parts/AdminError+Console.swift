package import ConvonetDatabase

extension AdminError {
    /// The error in words, with the key for the next step where the console has one. Parts show it so, and not by its
    /// `description`.
    package var inConsole: String { [description, key].compactMap { $0 }.joined(separator: " ") }

    private var key: String? {
        switch self {
        case .accountUnknown: "Press /, or type :search TEXT."
        case .approvalUnknown, .outcomeUnknown(.decideApprovals, _): "Press w, then f."
        default: nil
        }
    }
}
