internal import AccountPolicy
internal import ConvonetCore
import Credentials
internal import HTTPTypes
import MetricsText
import OperatingSystem
import SelfServiceCore

/// What this process counts of its own work. Nothing in it tells of a person: routes, rules and ends come from closed lists.
final class ServiceMetrics: Sendable {
    /// What a link was for.
    enum Purpose: String, CaseIterable {
        case password
        case voicePIN = "voice_pin"
        /// To say that something was not them.
        case report
    }

    /// What became of a link that somebody came with.
    enum LinkEnd: String, CaseIterable {
        case used
        case reported
        case usedBefore = "used_before"
        case expired
        case outdated
        case revoked
        /// The database does not say which.
        case notGood = "not_good"

        init(rule: String?) {
            switch rule {
            case "link_used": self = .usedBefore
            case "link_expired": self = .expired
            case "link_outdated": self = .outdated
            case "link_void": self = .revoked
            default: self = .notGood
            }
        }
    }

    private let startedAt = Timestamp.now
    private let requests = Counter(
        "convonet_http_requests_total", "Requests that this process answered, by route and status.",
        labels: ["route", "status"])
    private let times = Histogram(
        "convonet_http_request_duration_seconds",
        "From a request's head until its answer was ready, by route, in this process.", label: "route",
        bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30])
    private let refusals = Counter(
        "convonet_refusals_total",
        "Attempts that this process saw refused, by the rule as the log names it; other: any rule that is not listed.",
        labels: ["rule"], known: rules.map { [$0] })
    private let links = Counter(
        "convonet_links_total",
        "Links that somebody came to this process with, by what became of them; not_good: used, expired, revoked or never there, "
            + "which nobody who has no link is told. Links that nobody came with are not counted.",
        labels: ["purpose", "end"])
    private let mails = Counter(
        "convonet_mail_handed_over_total",
        "Mails and texts that this process handed to the site's program, by what became of them; later: to be tried again.",
        labels: ["kind", "outcome"],
        known: ["mail", "text"].flatMap { kind in ["sent", "failed", "later"].map { [kind, $0] } })

    /// The rules by which self-service refuses something, by their names in the log.
    static let rules =
        PasswordRule.allCases.map(\.rawValue) + [
            "account_inactive", "external_sign_in", "link_expired", "link_outdated", "link_used", "link_void",
            "old_password_blocked", "old_password_wrong", "pin_answer_limit", "reset_code_tries", "reset_code_wrong",
            unlisted,
        ]
    private static let unlisted = "other"

    /// Counts a request that was answered.
    func note(_ route: Route, _ status: HTTPResponse.Status, after time: Duration) {
        requests.count(route.name, String(status.code))
        times.observe(Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18, route.name)
    }

    /// Counts a password that the rules refused.
    func note(_ rule: PasswordRule) { refusals.count(rule.rawValue) }

    /// Counts what the database refused, and gives it back.
    func noting(_ result: SelfServiceResult?) -> SelfServiceResult? {
        if let result, result.receipt.outcome == .refused {
            let rule = result.rule ?? Self.unlisted
            refusals.count(Self.rules.contains(rule) ? rule : Self.unlisted)
        }
        return result
    }

    /// The same of an attempt by a link, whose end it is unless something else was wrong.
    func noting(_ result: SelfServiceResult?, _ purpose: Purpose) -> SelfServiceResult? {
        switch result?.receipt.outcome {
        case .done: links.count(purpose.rawValue, (purpose == .report ? LinkEnd.reported : .used).rawValue)
        case .refused where result?.rule?.hasPrefix("link_") == true, nil: note(purpose, LinkEnd(rule: result?.rule))
        default: break
        }
        return noting(result)
    }

    /// Counts a link that will not do.
    func note(_ purpose: Purpose, _ end: LinkEnd = .notGood) { links.count(purpose.rawValue, end.rawValue) }

    /// Counts a code that is no good, alike whether anybody has one: who reads this must not learn that.
    func noteCode(_ result: SelfServiceResult?) {
        if result?.receipt.outcome != .done { refusals.count("reset_code_wrong") }
    }

    /// Counts what became of a mail, or of a text to a telephone; not of links, which strangers can ask for: that one was sent would
    /// tell whose address it is.
    func note(_ mail: QueuedMail, _ outcome: MailOutcome) {
        switch mail.content {
        case .link, .linkAfterExpiry: break
        default: mails.count(mail.isText ? "text" : "mail", outcome.rawValue)
        }
    }

    /// Adds everything to a page.
    func add(to page: inout MetricsPage) {
        page.add(
            "convonet_start_time_seconds", "When this process started, in seconds since 1970.",
            Double(startedAt.microseconds / 1000) / 1000)
        for counter in [requests, refusals, links, mails] { counter.add(to: &page) }
        times.add(to: &page)
    }
}

extension Route {
    /// What metrics call it: of paths that are not ours nothing is kept.
    var name: String {
        switch self {
        case .wrongMethod: "wrong_method"
        case .forgotPassword: "forgot_password"
        case .resetByLink: "reset_by_link"
        case .enterCode: "enter_code"
        case .changeWithOldPassword: "change_with_old_password"
        case .reportPage: "report_page"
        case .pinPage: "pin_page"
        case .showPIN: "show_pin"
        case .page, .report, .style, .script, .assessment, .health, .ready, .preflight, .unknown: "\(self)"
        }
    }
}
