internal import AccountPolicy
internal import ConvonetCore
import Credentials
internal import HTTPTypes
import SelfServiceCore

/// The page that a link leads to, with its style and script: all from here, and working without the script.
struct ResetPage: Sendable {
    let style: Answer
    let script: Answer
    private let prefix: String
    private let serviceName: String
    private let frame = String(decoding: PackageResources.page_html, as: UTF8.self)
    private let codeText = String(decoding: PackageResources.enter_html, as: UTF8.self)
    private let reportText = String(decoding: PackageResources.report_html, as: UTF8.self)
    private let pinFormText = String(decoding: PackageResources.pin_form_html, as: UTF8.self)
    private let pinText = String(decoding: PackageResources.pin_html, as: UTF8.self)
    private let formText = String(decoding: PackageResources.form_html, as: UTF8.self)

    init(prefix: String, serviceName: String) {
        self.prefix = prefix
        self.serviceName = serviceName
        style = Self.file("text/css; charset=utf-8", PackageResources.style_css)
        script = Self.file("text/javascript; charset=utf-8", PackageResources.script_js)
    }

    /// The form, with what was wrong with the last entry.
    func form(_ token: ResetToken, _ policy: PasswordPolicy, fault: String? = nil) -> String {
        let list = Self.rules(policy).map { "<li>\(HTMLText.escaped($0))</li>" }.joined(separator: "\n")
        return whole(
            TextTemplate.filled(
                formText,
                ["prefix": HTMLText.escaped(prefix), "token": token.text, "rules": list, "fault": Self.fault(fault)]))
    }

    /// The form for a code, with what was wrong with the last entry.
    func codeForm(login: String = "", fault: String? = nil) -> String {
        whole(
            TextTemplate.filled(
                codeText,
                ["prefix": HTMLText.escaped(prefix), "login": HTMLText.escaped(login), "fault": Self.fault(fault)]))
    }

    /// The button by which somebody says that it was not them.
    func reportForm(_ token: ResetToken) -> String {
        whole(
            TextTemplate.filled(reportText, ["prefix": HTMLText.escaped(prefix), "token": token.text]),
            title: "Was this not you?")
    }

    /// What the pages of a voice PIN are called.
    var pinTitle: String { "Voice PIN for \(serviceName)" }

    /// The button by which somebody has a voice PIN shown.
    func pinForm(_ token: ResetToken) -> String {
        whole(
            TextTemplate.filled(pinFormText, ["prefix": HTMLText.escaped(prefix), "token": token.text]),
            title: pinTitle)
    }

    /// A voice PIN, digit by digit, which is shown once.
    func pin(_ pin: String, caution: String?) -> String {
        let digits = pin.map { "<span>\(HTMLText.escaped(String($0)))</span>" }.joined(separator: " ")
        return whole(
            TextTemplate.filled(pinText, ["digits": digits, "fault": Self.fault(caution)]), title: pinTitle)
    }

    private static func fault(_ text: String?) -> String {
        text.map { "<p class=\"fault\" role=\"alert\">\(HTMLText.escaped($0))</p>" } ?? ""
    }

    /// A page of one sentence.
    func notice(_ text: String, title: String? = nil) -> String {
        whole("<p>\(HTMLText.escaped(text))</p>", title: title)
    }

    private func whole(_ content: String, title: String? = nil) -> String {
        let title = title ?? "New password for \(serviceName)"
        return TextTemplate.filled(
            frame, ["prefix": HTMLText.escaped(prefix), "title": HTMLText.escaped(title), "content": content])
    }

    private static func rules(_ policy: PasswordPolicy) -> [String] {
        var rules = ["At least \(policy.minimumLength) characters; spaces are allowed."]
        let kinds = [
            (policy.requiresUppercase, "an upper-case letter"), (policy.requiresLowercase, "a lower-case letter"),
            (policy.requiresDigit, "a digit"), (policy.requiresSymbol, "a symbol"),
        ].filter(\.0).map(\.1)
        if !kinds.isEmpty { rules.append("Must contain \(kinds.joined(separator: ", ")).") }
        rules.append("Not a common password, and no part of your name or e-mail address.")
        if policy.minimumScore > 0 { rules.append("Hard to guess: a few unrelated words work best.") }
        return rules
    }

    private static func file(_ type: String, _ bytes: [UInt8]) -> Answer {
        var answer = Answer(status: .ok, contentType: type, body: String(decoding: bytes, as: UTF8.self))
        answer.headers[.cacheControl] = "public, max-age=3600"
        return answer
    }
}

extension SelfServiceResponder {
    static let accountIsInactive = "This account is inactive, and nobody can sign in to it. Contact support."

    /// An answer of one sentence: as a page under a title to whoever sent its form, else as JSON.
    func sentence(
        _ status: HTTPResponse.Status, _ text: String, _ title: String, _ format: RequestFields.Format
    ) -> Answer {
        if format == .form { return .html(status, page.notice(text, title: title)) }
        return status == .ok ? .message(status, text) : .error(status, text)
    }

    /// The page for a link, or without one for a code; looking at it does not use the link up.
    func page(token: String?) async throws -> Answer {
        if token == nil { return .html(.ok, page.codeForm()) }
        guard let token = token.flatMap(ResetToken.init(parsing:)), try await database.holder(of: token) != nil else {
            metrics.note(.password)
            return .html(.unauthorized, page.notice(Self.linkIsNoGood))
        }
        return .html(.ok, page.form(token, try await rules.inForce().policy.password))
    }

    /// The page after the form was sent.
    func page(after outcome: ResetOutcome, token: ResetToken?) async throws -> Answer {
        switch outcome {
        case .done:
            return .html(
                .ok,
                page.notice(
                    "Your new password is set. Sign in with it. \(StandingSessions.note)"
                ))
        case .doneUnconfirmed:
            return .html(
                .accepted,
                page.notice("Your new password is set. Sign in with it. \(Uncertain.unconfirmed(.resetByLink))"))
        case .refused(let text):
            guard let token else { return .html(.unauthorized, page.notice(Self.linkIsNoGood)) }
            return .html(.badRequest, page.form(token, try await rules.inForce().policy.password, fault: text))
        case .tokenMissing, .tokenInvalid: return .html(.unauthorized, page.notice(Self.linkIsNoGood))
        }
    }

    private static let linkIsNoGood =
        "This link is no longer valid: it was used, it expired, or the password has changed since. Request a new link, or ask support for a code."
}
