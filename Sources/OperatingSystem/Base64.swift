internal import FoundationEssentials

/// Base64 (RFC 4648).
package enum Base64 {
    /// With padding (section 4).
    package static func encoded(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

    /// For file names and URLs, without padding (section 5).
    package static func encodedForURL(_ bytes: some Sequence<UInt8>) -> String {
        encoded(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
