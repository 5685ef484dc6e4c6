internal import HTTPTypes

/// Which pages of other origins may ask from a browser (the Fetch standard, "CORS protocol").
struct CrossOrigin: Sendable {
    private let origins: Set<String>

    init(_ origins: [String]) { self.origins = Set(origins) }

    /// What every answer carries for this origin; a browser keeps answers without from the page that asked.
    func headers(for origin: String?) -> HTTPFields {
        var headers = HTTPFields()
        guard !origins.isEmpty else { return headers }
        headers[.vary] = "Origin"
        guard let origin, origins.contains(origin) else { return headers }
        headers[.accessControlAllowOrigin] = origin
        headers[.accessControlExposeHeaders] = "Retry-After"
        return headers
    }

    /// What an answer to a preflight carries besides.
    func preflight(for origin: String?) -> HTTPFields {
        var headers = HTTPFields()
        guard let origin, origins.contains(origin) else { return headers }
        headers[.accessControlAllowMethods] = "POST, PUT"
        headers[.accessControlAllowHeaders] = "Authorization, Content-Type"
        headers[.accessControlMaxAge] = "600"
        return headers
    }
}
