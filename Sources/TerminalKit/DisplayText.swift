internal import HiddenCharacters

/// Makes text safe to show: nothing in it can move the cursor, reorder a line or hide.
///
/// Names and addresses come from people who may wish to be taken for somebody else; curses neutralises escape sequences
/// but neither line ends nor the marks that turn a line around.
public enum DisplayText {
    /// The most zero-width marks that are kept on one base: what a curses cell holds.
    static let marksPerBase = 4

    /// `text` with control characters in caret notation or as `<U+XXXX>`, invisible and reordering characters as
    /// `<U+XXXX>`, characters unknown to the C library likewise, and marks without a base on a dotted circle.
    ///
    /// Marks beyond the fourth on one base are left out. Joiners stay between letters of scripts that are written with
    /// them, such as Persian, where they show in the shapes of the letters. The result is unchanged when made visible again.
    public static func visible(_ text: String) -> String {
        if isPlain(text) { return text }
        var shown = ""
        shown.reserveCapacity(text.utf8.count)
        var base: Unicode.Scalar?
        var marks = 0
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            if isJoiner(scalar), let base, joins(base), index + 1 < scalars.count, joins(scalars[index + 1]) {
                marks += 1
                if marks <= marksPerBase { shown.unicodeScalars.append(scalar) }
                continue
            }
            // After an emoji or an ideograph a selector only picks a shape; elsewhere it is there to make two names differ.
            if scalar.isVariationSelector, let base, base.takesVariationSelector { continue }
            if let substitute = substitute(for: scalar) {
                shown += substitute
                base = nil
                continue
            }
            if TextWidth.columns(of: scalar) > 0 {
                shown.unicodeScalars.append(scalar)
                base = scalar
                marks = 0
                continue
            }
            if base == nil {
                shown.unicodeScalars.append("\u{25CC}")
                base = "\u{25CC}"
                marks = 0
            }
            marks += 1
            if marks <= marksPerBase { shown.unicodeScalars.append(scalar) }
        }
        return shown
    }

    /// Whether every byte is printable ASCII, so that bytes, characters and columns are the same.
    static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }

    private static func substitute(for scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0..<0x20: "^" + String(Unicode.Scalar(UInt8(scalar.value) + 0x40))
        case 0x20..<0x7F: nil
        case 0x7F: "^?"
        default: scalar.isHidden || TextWidth.columns(of: scalar) < 0 ? code(scalar) : nil
        }
    }

    /// ZERO WIDTH NON-JOINER and ZERO WIDTH JOINER.
    private static func isJoiner(_ scalar: Unicode.Scalar) -> Bool { scalar.value == 0x200C || scalar.value == 0x200D }

    /// Whether joiners are part of the spelling: Arabic and its like, the scripts of India and its neighbours.
    private static func joins(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x620...0x6FF, 0x710...0x7BF, 0x840...0x8FF, 0x900...0xDFF, 0x1000...0x109F, 0x1780...0x17B3: true
        case 0x17B6...0x17DD, 0x1820...0x18AA, 0xA840...0xA87F, 0xA8E0...0xA8FF, 0xFB50...0xFDFF, 0xFE70...0xFEFC: true
        default: false
        }
    }

    private static func code(_ scalar: Unicode.Scalar) -> String { "<" + scalar.codePointText + ">" }
}
