extension StringProtocol {
    /// The text with each of these code points written as something else.
    ///
    /// The standard library's `replacing` looks for characters, and takes a quote with an accent behind it for another one than a quote:
    /// whatever reads the text next does not.
    public func escaping(_ escapes: [Unicode.Scalar: String]) -> String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if let escape = escapes[scalar] {
                result.append(contentsOf: escape.unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
