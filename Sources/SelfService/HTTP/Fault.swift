internal import ConvonetCore
internal import HTTPTypes

/// Why a request is not answered as it was meant, before it is put into either format.
struct Fault: Equatable, Sendable {
    var status: HTTPResponse.Status
    var text: String
    /// After how many seconds the same may be tried again; nil where that would not help, or do harm.
    var pause: Int?

    init(_ status: HTTPResponse.Status, _ text: String, pause: Int? = nil) {
        (self.status, self.text, self.pause) = (status, text, pause)
    }

    /// As JSON, or as the page for whoever sent its form or opened it.
    func answer(asPage page: ResetPage?) -> Answer {
        let answer = page.map { Answer.html(status, $0.notice(text)) } ?? .error(status, text)
        return pause.map(answer.retry(after:)) ?? answer
    }
}
