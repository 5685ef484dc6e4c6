internal import HiddenCharacters

/// Folds text so that case, accents and width make no difference: `José`, `JOSÉ` and `jose` become the same.
enum TextFolding {
    /// How many scalars one may become: a Hangul syllable and the longest lower-casing both give three.
    static let greatestExpansion = 3

    /// Hands on what a scalar becomes; accents on their own, and what shows nothing, become nothing.
    static func fold(_ scalar: Unicode.Scalar, into emit: (UInt32) -> Void) {
        switch scalar.value {
        case 0x41...0x5A: emit(scalar.value + 0x20)
        case 0..<0x80: emit(scalar.value)
        case 0xFF21...0xFF3A: emit(scalar.value - 0xFF21 + 0x61)
        case 0xFF01...0xFF5E: emit(scalar.value - 0xFEE0)
        case 0xDF, 0x1E9E:
            emit(0x73)
            emit(0x73)
        case 0xC6, 0xE6:
            emit(0x61)
            emit(0x65)
        case 0x152, 0x153:
            emit(0x6F)
            emit(0x65)
        case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: break
        case 0xAC00...0xD7A3: jamo(scalar.value - 0xAC00, into: emit)
        default:
            if let base = latinBase(of: scalar.value) { return emit(base) }
            if scalar.isHidden { return }
            for lower in scalar.properties.lowercaseMapping.unicodeScalars where !(0x300...0x36F).contains(lower.value)
            {
                emit(plain[lower.value] ?? lower.value)
            }
        }
    }

    /// Splits composed Hangul as Unicode's chapter 3.12 does, so that both normal forms fold alike.
    private static func jamo(_ index: UInt32, into emit: (UInt32) -> Void) {
        emit(0x1100 + index / 588)
        emit(0x1161 + index % 588 / 28)
        if index % 28 != 0 { emit(0x11A7 + index % 28) }
    }

    private static func latinBase(of value: UInt32) -> UInt32? {
        switch value {
        case 0xC0...0x24F: knownBase(latin[Int(value - 0xC0)])
        case 0x1E00...0x1EFF: knownBase(latin[Int(value - 0x1E00 + 0x190)])
        default: nil
        }
    }

    private static func knownBase(_ letter: UInt8) -> UInt32? { letter == 0 ? nil : UInt32(letter) }

    /// The letters without accents of U+00C0...U+024F and U+1E00...U+1EFF, 0 where there is none.
    ///
    /// They are read from Unicode's names ("LATIN SMALL LETTER E WITH ACUTE") once, so that no look-up at run time leaves
    /// the name of a password's letter in memory.
    private static let latin: [UInt8] = (Array(0xC0...0x24F) + Array(0x1E00...0x1EFF)).map { (value: UInt32) in
        guard let name = Unicode.Scalar(value)?.properties.name else { return 0 }
        let words = name.split(separator: " ")
        guard words.count >= 4, words[0] == "LATIN", words[2] == "LETTER" else { return 0 }
        let letter = words[3] == "DOTLESS" ? words.last : words[3]
        guard let letter, letter.utf8.count == 1, words.count == 4 || words[4] == "WITH" || words[3] == "DOTLESS" else {
            return 0
        }
        return letter.utf8.first.map { $0 | 0x20 } ?? 0
    }

    /// Accented letters, and variants of one letter, of Greek and Cyrillic.
    private static let plain: [UInt32: UInt32] = {
        let pairs = [
            "άα", "έε", "ήη", "ίι", "ϊι", "ΐι", "όο", "ύυ", "ϋυ", "ΰυ", "ώω", "ςσ",
            "ёе", "йи", "ѐе", "ѝи", "ўу", "ґг", "їі",
        ]
        return Dictionary(
            uniqueKeysWithValues: pairs.compactMap { pair in
                let scalars = Array(pair.unicodeScalars)
                return scalars.count == 2 ? (scalars[0].value, scalars[1].value) : nil
            })
    }()
}
