/// What of Unicode shows nothing or disturbs how other text is shown: one list for screens, JSON, CSV and passwords.
extension Unicode.Scalar {
    /// Whether it shows nothing of itself: a control character, a separator of lines, what Unicode calls
    /// Default_Ignorable_Code_Point (U+00AD, U+200B, U+FEFF, fillers, tags, variation selectors), and what it calls
    /// Bidi_Control (U+061C, U+202E), which turns around the text beside it.
    public var isHidden: Bool {
        switch value {
        case 0x20..<0x7F: false
        // The annotation marks are not on Unicode's list, since a program may know them; no terminal does.
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFFF9...0xFFFB: true
        default: properties.isDefaultIgnorableCodePoint || properties.isBidiControl
        }
    }

    /// Whether nothing is seen where it stands: hidden, or white space of any width.
    public var isBlank: Bool {
        // A Braille pattern without dots is a symbol to Unicode, and a space to the eye.
        isHidden || properties.isWhitespace || value == 0x2800
    }

    /// Whether it picks a shape of the character before it: a variation selector.
    public var isVariationSelector: Bool {
        (0xFE00...0xFE0F).contains(value) || (0xE0100...0xE01EF).contains(value)
    }

    /// Whether it stands in the sequences that make flags of countries' parts.
    public var isTag: Bool { (0xE0020...0xE007F).contains(value) }

    /// Whether a variation selector behind it only picks its shape, and does not make two equal names differ.
    public var takesVariationSelector: Bool { !isASCII && (properties.isEmoji || properties.isIdeographic) }

    /// The code point as `U+200B`.
    public var codePointText: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
