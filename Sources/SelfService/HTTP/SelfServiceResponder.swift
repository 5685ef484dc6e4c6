internal import ConvonetCore
internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
import JSONText
internal import Logging
internal import NIOCore
import SelfServiceCore

/// Where a request came from.
struct SelfServiceContext: InitializableFromSource, Sendable {
    /// The other end's address; nil for a Unix socket.
    let peer: String?
    /// The connection.
    let channel: any Channel
    /// Tells the lines of one request from those of others.
    let requestNumber: Logger.MetadataValue?

    init(source: ApplicationRequestContextSource) {
        peer = source.channel.remoteAddress?.ipAddress
        channel = source.channel
        requestNumber = source.logger[metadataKey: "hb.request.id"]
    }
}

/// Answers requests: finds the route, counts, reads the body, and turns what comes of it into an answer.
struct SelfServiceResponder: HTTPResponder {
    let database: SelfServiceDatabase
    let rules: PasswordRules
    let hashing: HashingQueue
    let tokens: AccessTokens?
    let page: ResetPage
    let settings: ServiceSettings
    let crossOrigin: CrossOrigin
    let readiness: Readiness
    /// What proxies have asked for clients of theirs, and was not answered yet.
    let underWay: AddressBound
    let remarks: OccasionalRemarks
    let metrics: ServiceMetrics
    let logger: Logger

    func respond(to request: Request, context: SelfServiceContext) async throws -> Response {
        let began = ContinuousClock.now
        var logger = logger
        logger[metadataKey: "request"] = context.requestNumber
        let client = ClientAddress(
            peer: context.peer, forwardedFor: request.headers[values: .xForwardedFor],
            trusted: settings.trustedProxies)
        if let remark = client.remark, remarks.isTime(for: "\(remark) \(context.peer ?? "")") {
            logger.warning(
                "client address", metadata: ["peer": "\(context.peer ?? "")", "reason": "\(remark.rawValue)"])
        }
        let path = request.uri.path
        let route = Route(request.method, path, prefix: settings.prefix)
        // Behind a proxy one client has as many requests under way as without one it has connections.
        let isCounted = client.isForwarded && underWay.enter(client.text)
        defer { if isCounted { underWay.leave(client.text) } }
        let body =
            isCounted || !client.isForwarded ? await request.wholeBody() : .failure(TooManyRequests(pause: 1))
        var answer: Answer
        do {
            if case .failure(let error as TooManyRequests) = body { throw error }
            answer = try await self.answer(route, request, body, client.text)
        } catch {
            answer = Self.fault(error, route, logger).answer(asPage: Self.wantsPage(route, request) ? page : nil)
        }
        if case .failure = body {
            answer.headers[.connection] = "close"
            context.closeSoon()
        }
        let duration = ContinuousClock.now - began
        metrics.note(route, answer.status, after: duration)
        let time = duration.components
        logger.info(
            "request",
            metadata: [
                // The path alone: a query can hold a token. One that is not ours is anybody's words.
                "method": "\(request.method.rawValue)", "path": "\(route == .unknown ? "unknown" : path)",
                "status": "\(answer.status.code)", "client": "\(client.text)",
                "milliseconds": "\(time.seconds * 1000 + time.attoseconds / 1_000_000_000_000_000)",
            ])
        let origin = request.headers[.origin]
        var headers = crossOrigin.headers(for: origin)
        if route == .preflight {
            for field in crossOrigin.preflight(for: origin) { headers[field.name] = field.value }
        }
        let response = answer.response(headers, isSecure: settings.tls != nil)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ route: Route, _ request: Request, _ body: Result<[UInt8], any Error>, _ client: String
    ) async throws -> Answer {
        switch route {
        case .forgotPassword:
            return try await counted(.request, request, body, client) { fields, _ in
                try await forgotPassword(fields, client)
            }
        case .assessment:
            return try await counted(.assess, request, body, client) { fields, _ in try await assessment(fields) }
        case .resetByLink:
            return try await counted(.request, request, body, client, takesForm: true) { fields, token in
                try await resetPassword(fields, token: token, client)
            }
        case .enterCode:
            return try await counted(.request, request, body, client, takesForm: true) { fields, _ in
                try await enterCode(fields, client)
            }
        case .changeWithOldPassword:
            let token = BearerToken.parse(request.headers[.authorization])
            let access: AccessToken? = if let token { await tokens?.read(token) } else { nil }
            return try await counted(.request, request, body, client, isSignedIn: access != nil) { fields, token in
                try await changePassword(fields, by: access, hasToken: token != nil, client)
            }
        case .report:
            return try await counted(.request, request, body, client, takesForm: true) { fields, _ in
                try await report(fields, client)
            }
        case .showPIN:
            return try await counted(.request, request, body, client, takesForm: true) { fields, token in
                try await showPIN(fields, token: token, client)
            }
        case .page where isUnasked(request), .reportPage where isUnasked(request), .pinPage where isUnasked(request):
            throw RequestFields.Fault.fromAnotherSite
        case .page, .reportPage, .pinPage:
            let token = request.uri.queryParameters["token"].map(String.init)
            if let pause = try await database.admit(
                .request, from: client, with: token.flatMap(ResetToken.init(parsing:)))
            {
                throw TooManyRequests(pause: pause)
            }
            _ = try body.get()
            return switch route {
            case .page: try await page(token: token)
            case .pinPage: try await pinPage(token: token)
            default: reportPage(token: token)
            }
        default:
            _ = try body.get()
            return try await fixed(route)
        }
    }

    /// What needs nobody's count: it is answered from memory.
    private func fixed(_ route: Route) async throws -> Answer {
        switch route {
        case .wrongMethod(let allowed):
            var answer = Answer.error(.methodNotAllowed, "Method not allowed")
            answer.headers[.allow] = (allowed.map(\.rawValue) + ["OPTIONS"]).joined(separator: ", ")
            return answer
        case .preflight: return Answer(status: .noContent, contentType: "text/plain", body: "")
        case .health: return .status("ok")
        case .ready: return try await readiness.answer()
        case .style: return page.style
        case .script: return page.script
        default: return .error(.notFound, "Not found")
        }
    }

    /// Counts the request, whatever its body is, and goes on with that and the token that came with it.
    private func counted(
        _ kind: SelfServiceDatabase.RequestKind, _ request: Request, _ body: Result<[UInt8], any Error>,
        _ client: String,
        takesForm: Bool = false, isSignedIn: Bool = false, _ perform: (RequestFields, String?) async throws -> Answer
    ) async throws -> Answer {
        let format = try RequestFields.format(of: request.headers[.contentType], takesForm: takesForm)
        // Or a page that somebody happens to open would use their tries up.
        if format == .form, isFromElsewhere(request) { throw RequestFields.Fault.fromAnotherSite }
        let fields = Result { try RequestFields(try body.get(), format) }
        let token = BearerToken.parse(request.headers[.authorization]) ?? (try? fields.get())?["token"]
        if let pause = try await database.admit(
            kind, from: client, with: token.flatMap(ResetToken.init(parsing:)), isSignedIn: isSignedIn)
        {
            throw TooManyRequests(pause: pause)
        }
        return try await perform(try fields.get(), token)
    }

    /// Whether a browser fetches a page before anybody asked for it, or to show it within another site's.
    private func isUnasked(_ request: Request) -> Bool {
        request.headers[.secPurpose] != nil
            || isFromElsewhere(request) && request.headers[.secFetchDest] != "document"
    }

    /// Whether a browser says that another site's page sent it, as far as it says so: older ones tell the origin alone, and that not
    /// always. Behind a proxy the host can be another than the one that people see.
    private func isFromElsewhere(_ request: Request) -> Bool {
        if let site = request.headers[.secFetchSite] { return site != "same-origin" && site != "none" }
        guard let origin = request.headers[.origin], origin != "null" else { return false }
        let isOwn =
            origin.hasSuffix("//\(request.head.authority ?? "")") || (settings.publicURL + "/").hasPrefix(origin + "/")
        return !isOwn
    }

    /// Whether somebody's browser shows what is answered: of the page itself, and of its form.
    private static func wantsPage(_ route: Route, _ request: Request) -> Bool {
        switch route {
        case .page, .reportPage, .pinPage: true
        case .resetByLink, .enterCode, .report, .showPIN:
            (try? RequestFields.format(of: request.headers[.contentType], takesForm: true)) == .form
        default: false
        }
    }
}

/// A client asks for more than one may, in a while or at once.
struct TooManyRequests: Error {
    /// After how many seconds it may ask again.
    let pause: Int
}

extension Answer {
    /// `{"status": …}`.
    static func status(_ text: String) -> Answer {
        var object = JSONObject()
        object.add("status", text)
        return .json(.ok, object)
    }
}

extension HTTPField.Name {
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site").unsafelyUnwrapped
    static let secPurpose = HTTPField.Name("Sec-Purpose").unsafelyUnwrapped
    static let secFetchDest = HTTPField.Name("Sec-Fetch-Dest").unsafelyUnwrapped
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For").unsafelyUnwrapped
}
