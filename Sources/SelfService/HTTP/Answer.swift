internal import ConvonetCore
internal import HTTPTypes
internal import Hummingbird
import JSONText
internal import NIOCore

/// What is answered, as a value.
struct Answer: Equatable, Sendable {
    var status: HTTPResponse.Status
    var contentType: String
    var body: String
    var headers = HTTPFields()

    /// `{"message": …}`.
    static func message(_ status: HTTPResponse.Status, _ text: String) -> Answer { named("message", status, text) }

    /// `{"message": …, "replicated": false}`: it is done, and not every server has confirmed it that should.
    static func unconfirmed(_ text: String) -> Answer {
        var object = JSONObject()
        object.add("message", text)
        object.add("replicated", false)
        return json(.accepted, object)
    }

    /// `{"error": …}`.
    static func error(_ status: HTTPResponse.Status, _ text: String) -> Answer { named("error", status, text) }

    /// An object.
    static func json(_ status: HTTPResponse.Status, _ object: JSONObject) -> Answer {
        Answer(status: status, contentType: "application/json", body: object.text)
    }

    /// A page.
    static func html(_ status: HTTPResponse.Status, _ text: String) -> Answer {
        Answer(status: status, contentType: "text/html; charset=utf-8", body: text)
    }

    private static func named(_ name: String, _ status: HTTPResponse.Status, _ text: String) -> Answer {
        var object = JSONObject()
        object.add(name, text)
        return json(status, object)
    }

    /// The same, to be tried again after so many seconds.
    func retry(after seconds: Int) -> Answer {
        var answer = self
        answer.headers[.retryAfter] = String(seconds)
        return answer
    }

    /// As it is sent: nothing here is to be kept by anybody on the way, nor shown in a frame, nor told to other sites.
    func response(_ crossOrigin: HTTPFields, isSecure: Bool) -> Response {
        var fields: HTTPFields = [
            .contentType: contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: Self.contentSecurityPolicy,
        ]
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        if let name = HTTPField.Name("X-Frame-Options") { fields[name] = "DENY" }
        if isSecure { fields[.strictTransportSecurity] = "max-age=31536000" }
        for field in crossOrigin { fields[field.name] = field.value }
        for field in headers { fields[field.name] = field.value }
        return Response(status: status, headers: fields, body: .init(byteBuffer: ByteBuffer(string: body)))
    }

    /// Nothing but the page's own style and script, which come from here.
    static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"
}
