internal import HTTPTypes

/// What a request is for, by its path and method.
enum Route: Equatable, Sendable {
    /// Somebody forgot their password.
    case forgotPassword
    /// Sets a password by a link.
    case resetByLink
    /// Takes a code that was read out.
    case enterCode
    /// Sets a password with the old one.
    case changeWithOldPassword
    /// The page that a link leads to.
    case page
    /// The page on which somebody says that it was not them.
    case reportPage
    /// Takes that.
    case report
    /// The page on which somebody has a voice PIN shown.
    case pinPage
    /// Draws and shows it.
    case showPIN
    /// The page's style.
    case style
    /// The page's script.
    case script
    /// What the rules say of a password that is being typed.
    case assessment
    /// Whether the program runs.
    case health
    /// Whether it can do its work.
    case ready
    /// A browser asks what it may ask.
    case preflight
    /// There is no such path.
    case unknown
    /// The path takes other methods.
    case wrongMethod(allowed: [HTTPRequest.Method])

    /// Every path and what it takes.
    static let table: [(path: String, methods: [(HTTPRequest.Method, Route)])] = [
        ("/auth/forgot-password", [(.post, .forgotPassword)]),
        ("/auth/reset-password", [(.get, .page), (.post, .resetByLink), (.put, .changeWithOldPassword)]),
        ("/auth/reset-password/code", [(.post, .enterCode)]),
        ("/auth/reset-password/not-me", [(.get, .reportPage), (.post, .report)]),
        ("/auth/reset-password/pin", [(.get, .pinPage), (.post, .showPIN)]),
        ("/auth/voice-pin", [(.get, .pinPage), (.post, .showPIN)]),
        ("/auth/reset-password/style.css", [(.get, .style)]),
        ("/auth/reset-password/script.js", [(.get, .script)]),
        ("/auth/reset-password/assessment", [(.post, .assessment)]),
        ("/health", [(.get, .health)]),
        ("/ready", [(.get, .ready)]),
    ]

    /// The route of a request; `prefix` is what every path begins with.
    init(_ method: HTTPRequest.Method, _ path: String, prefix: String) {
        guard path.hasPrefix(prefix), let entry = Self.table.first(where: { prefix + $0.path == path }) else {
            self = .unknown
            return
        }
        if method == .options {
            self = .preflight
        } else if let route = entry.methods.first(where: { $0.0 == method || (method == .head && $0.0 == .get) }) {
            self = route.1
        } else {
            self = .wrongMethod(allowed: entry.methods.map(\.0))
        }
    }
}
