// The standard library's own normalization, as for search.
@_spi(_Unicode) import Swift

/// A domain's name in both of its spellings, such as `bücher.example` and `xn--bcher-kva.example`.
public struct DomainName: Equatable, Sendable {
    /// As DNS has it: ASCII, in lower case.
    public let ascii: String
    /// As people write it, in lower case; the same as `ascii` where there is nothing else.
    public let unicode: String

    /// Reads either spelling; nil for what is no domain's name. A dot at the end does not count.
    public init?(_ text: String) {
        var labels = Self.folded(text).split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        var pairs: [(ascii: String, unicode: String)] = []
        for label in labels {
            guard let pair = Self.spellings(String(label)) else { return nil }
            pairs.append(pair)
        }
        ascii = pairs.map(\.ascii).joined(separator: ".")
        unicode = pairs.map(\.unicode).joined(separator: ".")
        guard ascii.utf8.count <= 253 else { return nil }
    }

    package init(ascii: String) { (self.ascii, unicode) = (ascii, ascii) }

    private static func spellings(_ label: String) -> (ascii: String, unicode: String)? {
        guard !label.hasPrefix("-"), !label.hasSuffix("-"), label.unicodeScalars.allSatisfy(isLabelPart) else {
            return nil
        }
        var pair = (ascii: label, unicode: label)
        if label.hasPrefix("xn--") {
            // What cannot be read, or read back, is a name all the same, of which there is one spelling.
            if let decoded = Punycode.decode(String(label.dropFirst(4))),
                folded(decoded).unicodeScalars.elementsEqual(decoded.unicodeScalars), !decoded.hasPrefix("xn--"),
                spellings(decoded)?.ascii == label
            {
                pair.unicode = decoded
            }
        } else if !label.utf8.allSatisfy({ $0 < 0x80 }) {
            guard let encoded = Punycode.encode(label) else { return nil }
            pair.ascii = "xn--" + encoded
        }
        return (1...63).contains(pair.ascii.utf8.count) ? pair : nil
    }

    private static func isLabelPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-" }
        return switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark, .decimalNumber: true
        // They are written within words of some scripts.
        default: scalar == "\u{200C}" || scalar == "\u{200D}" || scalar == "\u{B7}" || scalar == "\u{30FB}"
        }
    }

    /// In lower case and composed, with the dots of other scripts as dots.
    private static func folded(_ text: String) -> String {
        let isDot: (Unicode.Scalar) -> Bool = { $0 == "\u{3002}" || $0 == "\u{FF0E}" || $0 == "\u{FF61}" }
        let lower = text.lowercased().unicodeScalars.map { isDot($0) ? "." : $0 }
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: String(String.UnicodeScalarView(lower))._nfc)
        return String(composed)
    }
}
