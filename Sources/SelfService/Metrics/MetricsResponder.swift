internal import ConvonetDatabase
internal import HTTPTypes
internal import Hummingbird
internal import Logging
import MetricsText
import SelfServiceCore

/// Answers one path, `/metrics`, with everything that is counted. It takes neither a place for hashing nor a connection to the
/// database from anybody.
struct MetricsResponder: HTTPResponder {
    let metrics: ServiceMetrics
    let hashing: HashingQueue
    let mailQueue: MailQueueReading
    let isSecure: Bool
    let logger: Logger

    func respond(to request: Request, context: SelfServiceContext) async throws -> Response {
        let body = await request.wholeBody()
        var answer: Answer
        do {
            _ = try body.get()
            answer = await self.answer(request)
        } catch {
            answer = SelfServiceResponder.fault(error, .unknown, logger).answer(asPage: nil)
            answer.headers[.connection] = "close"
            context.closeSoon()
        }
        let response = answer.response([:], isSecure: isSecure)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request) async -> Answer {
        guard request.uri.path == "/metrics" else { return .error(.notFound, "Not found") }
        guard [.get, .head].contains(request.method) else {
            var answer = Answer.error(.methodNotAllowed, "Method not allowed")
            answer.headers[.allow] = "GET, HEAD"
            return answer
        }
        return Answer(status: .ok, contentType: MetricsPage.contentType, body: await page().text)
    }

    private func page() async -> MetricsPage {
        var page = MetricsPage()
        let version = [(name: "version", value: Program.version), (name: "schema", value: "\(SchemaVersion.current)")]
        page.add(
            "convonet_build_info", .gauge, "The program, and the version of the schema that it is made for; always 1.",
            [MetricsPage.Sample(1, version)])
        metrics.add(to: &page)
        hashing.load.add(to: &page)
        let state = await mailQueue.current()
        page.add(
            "convonet_database_up",
            "1 if the database told this process of its mail within the last seconds; if it is 0, what it would have told is left out.",
            state == nil ? 0 : 1)
        state?.add(to: &page)
        return page
    }
}

extension HashingQueue.Load {
    fileprivate func add(to page: inout MetricsPage) {
        page.add(
            "convonet_hashing_threads", "Computations of bcrypt that this process does at once, at most.",
            Double(threads))
        page.add(
            "convonet_hashing_running", "Computations of bcrypt that are under way in this process.", Double(running))
        page.add("convonet_hashing_waiting", "Requests that wait in this process to be hashed.", Double(waiting))
        page.add(
            "convonet_hashing_refused_total", .counter,
            "Requests that this process turned away, since too many waited to be hashed.",
            [MetricsPage.Sample(Double(refused))])
    }
}

extension MailQueueState {
    /// What is the same for all instances on one database.
    fileprivate func add(to page: inout MetricsPage) {
        page.add(
            "convonet_mail_queue", .gauge,
            "Mails and texts in the database's queue, the same for all instances; failed: given up within the last 24 hours.",
            [("waiting", waiting), ("sending", sending), ("failed", failed)].map { state, count in
                MetricsPage.Sample(Double(count), [(name: "state", value: state)])
            })
        page.add(
            "convonet_mail_oldest_seconds", .gauge,
            "Age of the oldest mail that is not done, by the database, and by whether it was tried; 0 if there is none.",
            [("no", untriedSeconds), ("yes", triedSeconds)].map { tried, seconds in
                MetricsPage.Sample(Double(seconds), [(name: "tried", value: tried)])
            })
        page.add(
            "convonet_mail_queue_full", "1 if the database queues no more mail of staff, since too much waits.",
            isFull ? 1 : 0)
        page.add(
            "convonet_mail_sender_up", .gauge,
            "1 if some instance on the database asked within two minutes for what it can send.",
            [("mail", isSending), ("text", sendsTexts)].map { kind, isUp in
                MetricsPage.Sample(isUp ? 1 : 0, [(name: "kind", value: kind)])
            })
    }
}
