internal import FoundationEssentials
import OperatingSystem

/// One mail as it is handed to the mail program: plain text and HTML (RFC 5322, RFC 2045 to 2047).
struct MailMessage: Sendable {
    var from: MailAddress
    var to: MailAddress
    var subject: String
    var plain: String
    var html: String
    var date: Date
    var identifier: UUID

    /// The whole, with line ends as a pipe to sendmail takes them.
    var text: String {
        let boundary = "=_\(identifier.uuidString)"
        let host = from.address.split(separator: "@").last.map(String.init) ?? "localhost"
        return """
            From: \(Self.phrase(from))
            To: \(to.address)
            Subject: \(Self.encoded(subject))
            Date: \(Self.dateText(date))
            Message-ID: <\(identifier.uuidString.lowercased())@\(host)>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary="\(boundary)"

            --\(boundary)
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: base64

            \(Self.lines(plain))
            --\(boundary)
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: base64

            \(Self.lines(html))
            --\(boundary)--

            """
    }

    private static func phrase(_ address: MailAddress) -> String {
        address.name.isEmpty ? address.address : "\(encoded(address.name)) <\(address.address)>"
    }

    /// A header's text: as it is where it is words, else as encoded words of at most 45 bytes each (RFC 2047).
    static func encoded(_ text: String) -> String {
        let isPlain =
            text.utf8.count <= 60
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x20, 0x21, 0x27, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: false
                }
            }
        if isPlain { return text }
        var words: [[UInt8]] = [[]]
        for character in text {
            let bytes = Array(String(character).utf8)
            if words[words.count - 1].count + bytes.count > 45 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Base64.encoded($0))?=" }.joined(separator: "\n ")
    }

    /// base64 in lines of 76.
    private static func lines(_ text: String) -> String {
        let encoded = Array(Base64.encoded(text.utf8).utf8)
        return stride(from: 0, to: encoded.count, by: 76).map {
            String(decoding: encoded[$0..<min($0 + 76, encoded.count)], as: UTF8.self)
        }.joined(separator: "\n")
    }

    /// Such as `Mon, 09 Mar 2026 14:16:08 +0000`.
    static func dateText(_ date: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int?) -> String { (number ?? 0) < 10 ? "0\(number ?? 0)" : "\(number ?? 0)" }
        let day = days[((parts.weekday ?? 1) - 1) % 7]
        let month = months[((parts.month ?? 1) - 1) % 12]
        return "\(day), \(two(parts.day)) \(month) \(parts.year ?? 1970) "
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) +0000"
    }
}
