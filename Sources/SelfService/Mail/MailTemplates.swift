internal import ConvonetCore
internal import Credentials
import OperatingSystem
internal import PostgresClient
internal import ProgramStart
import SelfServiceCore

/// The texts of mail: the program's own, or the site's where its directory has a file of the same name.
struct MailTemplates: Sendable {
    private let link: Template
    private let pinLink: Template
    private let expired: Template
    private let notice: Template
    private let undone: Template
    private let code: Template
    private let resetCode: Template
    private let approval: Template
    private let serviceName: String
    private let publicURL: String

    private struct Template: Sendable {
        var subject: String
        var plain: String
        var html: String
    }

    /// The most bytes of a template: a mail has to fit into a pipe.
    static let maximumBytes = 16 * 1024

    /// Reads and checks the templates; throws `SettingsError` where one will not do.
    init(directory: String?, serviceName: String, publicURL: String) throws(SettingsError) {
        self.serviceName = serviceName
        self.publicURL = publicURL
        link = try Self.template(
            "link", PackageResources.link_txt, PackageResources.link_html, directory,
            needed: ["link"], known: ["name", "service", "link", "expires", "report"])
        pinLink = try Self.template(
            "pin-link", PackageResources.pin_link_txt, PackageResources.pin_link_html, directory,
            needed: ["link"], known: ["name", "service", "link", "expires", "report"])
        expired = try Self.template(
            "expired", PackageResources.expired_txt, PackageResources.expired_html, directory,
            needed: ["link"], known: ["name", "service", "link", "expires", "report"])
        notice = try Self.template(
            "notice", PackageResources.notice_txt, PackageResources.notice_html, directory,
            needed: ["what"], known: ["name", "service", "what", "by", "when", "temporary", "report"])
        undone = try Self.template(
            "undone", PackageResources.undone_txt, PackageResources.undone_html, directory,
            needed: [], known: ["name", "service", "when"])
        code = try Self.template(
            "code", PackageResources.code_txt, PackageResources.code_html, directory,
            needed: ["code"], known: ["name", "service", "code", "expires"])
        resetCode = try Self.template(
            "reset-code", PackageResources.reset_code_txt, PackageResources.reset_code_html, directory,
            needed: [], known: ["name", "service", "when", "report"])
        approval = try Self.template(
            "approval", PackageResources.approval_txt, PackageResources.approval_html, directory,
            needed: ["who", "account"], known: ["service", "who", "what", "account", "expires", "more"])
    }

    /// Subject, plain text and HTML of a mail to this address.
    func texts(of mail: QueuedMail, to address: MailAddress) -> (subject: String, plain: String, html: String) {
        var values = [
            "name": SalutationName.plain(mail.firstName) ?? address.address, "service": serviceName,
            "report": report(by: mail.token),
        ]
        let template: Template
        switch mail.content {
        case .link(let expiresAt), .linkAfterExpiry(let expiresAt):
            template = if case .link = mail.content { link } else { expired }
            values["link"] = Self.link(publicURL, mail.token)
            values["expires"] = Self.text(of: expiresAt.rfc3339)
        case .pinLink(let expiresAt):
            template = pinLink
            values["link"] = Self.link(pinURL, mail.token)
            values["expires"] = Self.text(of: expiresAt.rfc3339)
        case .notice(AccountAction.undo.name, _):
            template = undone
            values["when"] = Self.text(of: mail.occurredAt.rfc3339)
        case .notice(AccountAction.issueResetCode.name, _):
            template = resetCode
            values["when"] = Self.text(of: mail.occurredAt.rfc3339)
        case .notice(let action, let byThemselves):
            template = notice
            values["what"] = ChangeKind.of(action: action)?.noun ?? "password"
            values["by"] = byThemselves ? "by you" : "by support staff"
            values["when"] = Self.text(of: mail.occurredAt.rfc3339)
            values["temporary"] =
                mail.temporaryUntil.map {
                    " It is temporary: set a password of your own by \(Self.text(of: $0.rfc3339)), or it stops working."
                } ?? ""
        case .callerCode(let caller, let expiresAt), .textCode(let caller, let expiresAt):
            template = code
            values["code"] = caller.readable
            values["expires"] = Self.text(of: expiresAt.rfc3339)
        case .approvalRequest(let request):
            template = approval
            values.merge(ApprovalText.values(request)) { $1 }
            values["expires"] = Self.text(of: request.expiresAt.rfc3339)
        }
        var markup = values.mapValues(HTMLText.escaped)
        markup["report"] = report(by: mail.token, asMarkup: true)
        return (
            Self.oneLine(TextTemplate.filled(template.subject, values)), TextTemplate.filled(template.plain, values),
            TextTemplate.filled(template.html, markup)
        )
    }

    private static func link(_ page: String, _ token: ResetToken) -> String {
        page + (page.contains("?") ? "&" : "?") + "token=" + token.text
    }

    /// Where a voice PIN is shown. An application's own page is told what the token is for.
    private var pinURL: String {
        if publicURL.hasSuffix("/auth/reset-password") { return publicURL + "/pin" }
        return publicURL + (publicURL.contains("?") ? "&" : "?") + "purpose=voice_pin"
    }

    /// What to do where it was not them, to stand behind “If this was not you,”. Of a page that is the application's own nothing is
    /// known.
    private func report(by token: ResetToken, asMarkup: Bool = false) -> String {
        guard publicURL.hasSuffix("/auth/reset-password") else { return "contact support at once." }
        let address = "\(publicURL)/not-me?token=\(token.text)"
        return asMarkup
            ? "<a href=\"\(HTMLText.escaped(address))\">open this page</a>, press the button, and call support."
            : "open this page, press the button, and call support: \(address)"
    }

    /// Date and time to the minute, such as `2026-03-09 14:16 UTC`.
    private static func text(of moment: String) -> String {
        String(moment.prefix(16)).replacing("T", with: " ") + " UTC"
    }

    /// Nothing in a subject may begin another header, or turn what stands around it.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator: " "
                    case .format: scalar == "\u{200C}" || scalar == "\u{200D}" ? scalar : " "
                    default: scalar
                    }
                }))
    }

    private static func template(
        _ name: String, _ plain: [UInt8], _ html: [UInt8], _ directory: String?, needed: Set<String>,
        known: Set<String>
    ) throws(SettingsError) -> Template {
        let text = try contents("\(name).txt", plain, directory, needed, known)
        let page = try contents("\(name).html", html, directory, needed, known)
        guard text.hasPrefix("Subject: "), let end = text.firstIndex(where: \.isNewline) else {
            throw .malformed(
                path: "\(directory ?? "")/\(name).txt", line: 1,
                reason: "the first line must be “Subject: ” and the subject"
            )
        }
        return Template(
            subject: String(text[..<end].dropFirst("Subject: ".count)),
            plain: String(text[end...].drop(while: \.isNewline)), html: page)
    }

    private static func contents(
        _ name: String, _ own: [UInt8], _ directory: String?, _ needed: Set<String>, _ known: Set<String>
    ) throws(SettingsError) -> String {
        let path = (directory ?? "") + "/" + name
        guard directory != nil, let text = try SettingsDocument.text(of: path) else {
            return String(decoding: own, as: UTF8.self)
        }
        let places = TextTemplate.places(in: text)
        if let missing = needed.subtracting(places).first {
            throw .malformed(path: path, line: nil, reason: "{{\(missing)}} is missing")
        }
        if let unknown = places.subtracting(known).sorted().first {
            throw .malformed(
                path: path, line: nil,
                reason: "unknown placeholder {{\(unknown)}}; use "
                    + known.sorted().map { "{{\($0)}}" }.joined(separator: ", "))
        }
        guard text.utf8.count <= maximumBytes else {
            throw .malformed(path: path, line: nil, reason: "it is larger than \(maximumBytes) bytes")
        }
        return text
    }
}
