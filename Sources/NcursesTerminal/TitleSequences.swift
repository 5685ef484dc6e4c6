/// How a terminal is given a title for its window, and how it gets back the one from before.
struct TitleSequences: Equatable {
    /// What stands before a title, and behind it.
    let before: String
    let behind: String
    /// Keeps the title that is there (XTWINOPS); terminals that cannot do not mind.
    let save = "\u{1B}[22;0t"
    /// Takes ours away, and brings back the one that was kept, where one was.
    let restore: String

    /// How a terminal of this type does it, by its description; nil where it is not known to have a title: the Linux console would
    /// print it.
    init?(type: String, text: (String) -> String?, flag: (String) -> Bool) {
        if let begin = text("tsl"), let end = text("fsl"), Self.isOperatingSystemCommand(begin), !end.contains("$<") {
            (before, behind) = (begin, end)
        } else if flag("XT") || type.hasPrefix("screen") {
            // GNU screen's description, by which tmux often goes, too, does not say that it can.
            (before, behind) = ("\u{1B}]2;", "\u{7}")
        } else {
            return nil
        }
        restore = before + behind + "\u{1B}[23;0t"
    }

    /// Whether it begins a title rather than some line of a screen; a place in one would be a parameter.
    private static func isOperatingSystemCommand(_ sequence: String) -> Bool {
        sequence.hasPrefix("\u{1B}]") && !sequence.contains("%") && !sequence.contains("$<")
    }
}
