internal import HiddenCharacters
@_spi(_Unicode) import Swift

/// The one way by which a secret comes in, whether it was typed, pasted, piped or sent: what is compared, judged and hashed
/// is ``composed``, and ``entryFault`` says what nobody can have meant to be part of it.
extension Secret {
    /// The same text in Unicode's form NFC, so that an ü is the same whether a keyboard sends one code point for it or two.
    ///
    /// What is not UTF-8 stays as it is, for the rules to refuse. A character at a time is held outside locked memory.
    public var composed: Secret {
        guard isValidUTF8, codePointCount < byteCount else { return self }
        // A code point may become three times as long: some are left apart in every form.
        let memory = SecretMemory(capacity: byteCount * 3)
        let target = memory.start
        let count = withBytes { bytes in
            var count = 0
            guard let text = try? UTF8Span(validating: bytes) else { return 0 }
            var characters = text.makeCharacterIterator()
            // Nothing is composed across the bounds of characters (UAX #29).
            while let character = characters.next() {
                for scalar in String(character)._nfc {
                    for byte in UTF8.encode(scalar) ?? .init() {
                        target.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
                        count += 1
                    }
                }
            }
            return count
        }
        return Secret(memory: memory, byteCount: count)
    }

    /// The rule against control characters anywhere, or against what is not seen at either end, and which it is; nil where
    /// neither holds. A plain space at an end is seen by whoever types it, and is taken.
    public var entryFault: (rule: PasswordRule, character: String)? {
        var scalars = EntryScalars()
        forEachScalar { scalars.take($0) }
        return scalars.fault
    }

    /// ``composed``, for what no policy judges.
    ///
    /// - Throws: `password_control_character` or `password_invisible_end`, saying which character it is.
    public func entered() throws(CredentialFailure) -> Secret {
        if let fault = entryFault { throw fault.rule.failure(about: fault.character) }
        return composed
    }
}

/// What is kept of a secret's code points while they go by: the hidden ones alone.
private struct EntryScalars {
    private var isFirst = true
    private var control: Unicode.Scalar?
    private var hiddenStart: Unicode.Scalar?
    private var hiddenEnd: Unicode.Scalar?
    private var takesSelector = false

    var fault: (rule: PasswordRule, character: String)? {
        if let control { return (.controlCharacter, Self.name(control)) }
        return (hiddenStart ?? hiddenEnd).map { (.invisibleEnd, Self.name($0)) }
    }

    mutating func take(_ scalar: Unicode.Scalar) {
        defer { isFirst = false }
        let isLineSeparator = scalar.value == 0x2028 || scalar.value == 0x2029
        if control == nil, isLineSeparator || scalar.properties.generalCategory == .control { control = scalar }
        let isUnseen = scalar.isBlank && scalar != " "
        if isFirst, isUnseen { hiddenStart = scalar }
        // An emoji may end in what picks its shape.
        if takesSelector, scalar.isVariationSelector || scalar.isTag { return }
        takesSelector = scalar.takesVariationSelector
        hiddenEnd = isUnseen ? scalar : nil
    }

    private static func name(_ scalar: Unicode.Scalar) -> String {
        let name =
            switch scalar.value {
            case 0x00: "NUL"
            case 0x09: "TAB"
            case 0x0A: "line feed"
            case 0x0D: "carriage return"
            case 0x1B: "ESC"
            case 0x7F: "DEL"
            case 0xA0: "no-break space"
            case 0xFEFF: "byte order mark"
            default: scalar.properties.name?.lowercased() ?? ""
            }
        return scalar.codePointText + (name.isEmpty ? "" : ", \(name)")
    }
}

extension PasswordRule {
    /// The rule's failure with the character that it is about.
    func failure(about character: String) -> CredentialFailure {
        CredentialFailure(rule: rawValue, message: message(about: character))
    }

    /// The rule's words with the character that it is about; of other rules their own.
    func message(about character: String) -> String {
        switch self {
        case .controlCharacter:
            "The password contains a control character (\(character)), which no login form accepts. Enter it without."
        case .invisibleEnd:
            "The password starts or ends with an invisible character (\(character)), which nobody would type at sign-in. "
                + "Enter it without."
        default: message
        }
    }
}
