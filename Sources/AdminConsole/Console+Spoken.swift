internal import AccountDisplay
package import TerminalKit

extension Console {
    /// What is said in place of the picture; pure.
    package var spoken: Spoken {
        guard !shared.isCovered else {
            var cover = Spoken(place: "Hidden", lines: [Self.coverText])
            cover.part = -1
            return cover
        }
        var spoken = overlay?.spoken(in: self) ?? screen.spoken(in: self)
        spoken.part = stack.last?.number ?? 0
        spoken.isDialog = overlay != nil
        spoken.keys = hints
        let context = shared.context
        if let name = context.environmentName { spoken.place = "\(name): \(spoken.place)" }
        let isFirst = stack.count == 1
        let whole = [
            isFirst ? "\(context.place), as \(context.viewer.databaseUser), \(context.rightsName)." : nil,
            isFirst ? context.warning.map { "Warning: \($0)." } : nil, shared.lost?.text(shared.times),
            shared.pendingText.map { "\($0): w shows it." },
        ]
        spoken.lines = whole.compactMap { $0 } + spoken.lines
        spoken.alerts += [shared.message?.text].compactMap { $0 }
        return spoken
    }
}
