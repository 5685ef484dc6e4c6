/// Which kinds of characters a password has.
struct PasswordContent {
    private(set) var hasUppercase = false
    private(set) var hasLowercase = false
    private(set) var hasDigit = false
    private(set) var hasSymbol = false
    /// Whether there is nothing but white space.
    private(set) var isBlank = true

    init(_ secret: Secret) {
        // A local copy, since an initialiser's closure cannot change the value that is being made.
        var uppercase = false
        var lowercase = false
        var digit = false
        var symbol = false
        var blank = true
        secret.forEachScalar { scalar in
            let properties = scalar.properties
            if properties.isWhitespace { return }
            blank = false
            if properties.isUppercase { uppercase = true }
            if properties.isLowercase { lowercase = true }
            switch properties.generalCategory {
            case .decimalNumber: digit = true
            case .nonspacingMark, .spacingMark, .enclosingMark: break
            default: if !properties.isAlphabetic { symbol = true }
            }
        }
        (hasUppercase, hasLowercase, hasDigit, hasSymbol, isBlank) = (uppercase, lowercase, digit, symbol, blank)
    }
}
