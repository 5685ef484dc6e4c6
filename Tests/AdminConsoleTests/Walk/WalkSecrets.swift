import Credentials

@testable import ConsoleParts

/// Secrets that were typed or shown, and where they may still be seen: in their own dialog until that is closed or the screen was
/// covered, and nowhere afterwards.
struct WalkSecrets {
    private struct Known {
        let texts: [[UInt8]]
        let dialog: Int
        var isOver = false
    }

    private var all: [Known] = []
    /// How often one was seen where it may be: without that, looking for them would prove nothing.
    private(set) var sightings = 0

    /// Takes one that a dialog has; each of its forms is looked for.
    mutating func note(_ secret: Secret, in dialog: Int) {
        let (text, spoken) = (secret.revealedText(), SpokenSecret(secret, .icao))
        // A group of a password on a line of its own, unless it could be a word or a number of something else.
        let groups = spoken.lines.map(\.text).filter { group in
            group.count >= 4 && group.contains(where: \.isUppercase) && group.contains { !$0.isLetter }
        }
        all.append(Known(texts: ([text, spoken.spaced] + groups).map { Array($0.utf8) }, dialog: dialog))
        if all.count > 40 { all.removeFirst() }
    }

    mutating func cover() { for index in all.indices { all[index].isOver = true } }

    /// What is seen of them where nothing may be; nil where nothing is.
    mutating func fault(on screen: WalkScreen, dialog: Int?, _ open: ResetDialog?) -> String? {
        let mayShow = open.map { $0.revealedUntil != nil || $0.secretShownUntil != nil } ?? false
        for index in all.indices {
            if all[index].dialog != dialog { all[index].isOver = true }
            guard all[index].texts.contains(where: screen.shows) else { continue }
            if all[index].isOver || !mayShow { return "a secret is seen" + (all[index].isOver ? " that is over" : "") }
            sightings += 1
        }
        return nil
    }
}
