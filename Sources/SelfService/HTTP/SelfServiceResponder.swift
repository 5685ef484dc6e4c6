internal import ConvonetCore
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// Where a request came from.
struct SelfServiceContext: InitializableFromSource, Sendable {
    /// The other end's address; nil for a Unix socket.
    let peer: String?
    /// Tells the lines of one request from those of others.
    let requestNumber: Logger.MetadataValue?

    init(source: ApplicationRequestContextSource) {
        peer = source.channel.remoteAddress?.ipAddress
        requestNumber = source.logger[metadataKey: "hb.request.id"]
    }
}

/// Answers requests: finds the route, counts, reads the body, and turns what comes of it into an answer.
struct SelfServiceResponder: HTTPResponder {
    let desk: SelfServiceDesk
    let rules: PasswordRules
    let hashing: HashingQueue
    let tokens: AccessTokens?
    let page: ResetPage
    let settings: ServiceSettings
    let crossOrigin: CrossOrigin
    let logger: Logger

    /// For how long a body may take to come in.
    static let bodyTime = Duration.seconds(10)

    func respond(to request: Request, context: SelfServiceContext) async throws -> Response {
        let began = ContinuousClock.now
        var logger = logger
        logger[metadataKey: "request"] = context.requestNumber
        let client = ClientAddress.find(
            peer: context.peer, forwardedFor: request.headers[values: .xForwardedFor],
            trusted: settings.trustedProxies)
        let path = request.uri.path
        let route = Route(request.method, path, prefix: settings.prefix)
        let answer: Answer
        do {
            answer = try await self.answer(route, request, client)
        } catch {
            answer = Self.answer(to: error, logger)
        }
        let time = (ContinuousClock.now - began).components
        logger.info(
            "request",
            metadata: [
                // The path alone: a query can hold a token. One that is not ours is anybody's words.
                "method": "\(request.method.rawValue)", "path": "\(route == .unknown ? "unknown" : path)",
                "status": "\(answer.status.code)", "client": "\(client)",
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

    private func answer(_ route: Route, _ request: Request, _ client: String) async throws -> Answer {
        switch route {
        case .unknown: return .error(.notFound, "Not found")
        case .wrongMethod(let allowed):
            var answer = Answer.error(.methodNotAllowed, "Method not allowed")
            answer.headers[.allow] = (allowed.map(\.rawValue) + ["OPTIONS"]).joined(separator: ", ")
            return answer
        case .preflight: return Answer(status: .noContent, contentType: "text/plain", body: "")
        case .health: return .status("ok")
        case .ready:
            _ = try await desk.policy()
            return .status("ready")
        case .style: return page.style
        case .script: return page.script
        case .page: return try await page(token: request.uri.queryParameters["token"].map(String.init))
        case .forgotPassword:
            return try await counted(.request, request, client) { try await forgotPassword($0, client) }
        case .assessment: return try await counted(.assess, request, client) { try await assessment($0) }
        case .resetByLink:
            return try await counted(.request, request, client, takesForm: true) { fields in
                let token = BearerToken.parse(request.headers[.authorization]) ?? fields["token"]
                return try await resetPassword(fields, token: token, client)
            }
        case .changeWithOldPassword:
            return try await counted(.request, request, client) { fields in
                try await changePassword(fields, token: BearerToken.parse(request.headers[.authorization]), client)
            }
        }
    }

    /// Counts the request, reads its body, and goes on.
    private func counted(
        _ kind: SelfServiceDesk.RequestKind, _ request: Request, _ client: String, takesForm: Bool = false,
        _ body: (RequestFields) async throws -> Answer
    ) async throws -> Answer {
        let format = try RequestFields.format(of: request.headers[.contentType], takesForm: takesForm)
        if let pause = try await desk.admit(kind, from: client) {
            let text = "Too many requests. Try again later."
            let answer =
                format == .form
                ? Answer.html(.tooManyRequests, page.notice(text)) : .error(.tooManyRequests, text)
            return answer.retry(after: pause)
        }
        return try await body(try RequestFields(try await bytes(of: request), format))
    }

    private func bytes(of request: Request) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask { try await request.body.collect(upTo: RequestFields.maximumBytes) }
            group.addTask {
                try await Task.sleep(for: Self.bodyTime)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let buffer = first else { throw BodyTooSlow() }
            return Array(buffer.readableBytesView)
        }
    }
}

/// A body did not come in within its time.
struct BodyTooSlow: Error {}

extension Answer {
    /// `{"status": …}`.
    static func status(_ text: String) -> Answer {
        var object = JSONObject()
        object.add("status", text)
        return .json(.ok, object)
    }
}

extension HTTPField.Name {
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For").unsafelyUnwrapped
}
