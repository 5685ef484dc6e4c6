/// An e-mail address out of what mail programs and browsers copy along with it.
package enum PastedAddress {
    /// The one address that stands in angle brackets or behind `mailto:`; the whole text where there is none, or more than one.
    package static func only(in text: String) -> String {
        let bracketed = text.split(separator: "<", omittingEmptySubsequences: false).dropFirst().compactMap { part in
            part.firstIndex(of: ">").map { address(part[..<$0]) }
        }
        let found = bracketed.isEmpty ? text.ranges(of: scheme).map { address(text[$0.lowerBound...]) } : bracketed
        return found.count == 1 ? found[0] ?? text : text
    }

    private static let scheme = "mailto:"

    /// The address with which a text begins; nil where that is none.
    private static func address(_ text: Substring) -> String? {
        var rest = text.drop(while: \.isWhitespace)
        if rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        let address = rest.prefix { !$0.isWhitespace && !"?,;<>\"()".contains($0) }
        let sides = address.split(separator: "@", omittingEmptySubsequences: false)
        return sides.count == 2 && sides.allSatisfy { !$0.isEmpty } ? String(address) : nil
    }
}
