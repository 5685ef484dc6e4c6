extension AuditEvent {
    /// What the log says of the caller: proven, by what and with how many points, or said; nil where nothing is.
    public var callerWords: String? {
        let words = (detail ?? "").split(separator: " ").map(String.init)
        func value(_ name: String) -> String? {
            words.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        switch value("caller") {
        case "proven":
            let way = value("way").map(CallerWay.words) ?? "-"
            return "proven by \(way), \(value("points") ?? "-") points"
        case "said": return "said, and not proven"
        default: return nil
        }
    }
}
