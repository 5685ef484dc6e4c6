package import AccountDisplay
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
package import TerminalKit

/// One change of everybody who is marked: what ``BatchReview`` goes through, asked and carried out one after the other.
package struct BatchDialog: Overlay {
    package var review: BatchReview

    package init(_ review: BatchReview) { self.review = review }

    package var isWriting: Bool { review.stage == .running }
    package var speaksForScreens: Bool { true }

    package mutating func begin(_ shared: inout Shared) { shared.awaitPaint() }

    package mutating func receive(_ news: News, _ shared: inout Shared) {
        if case .newPolicy = news, review.stage == .form { review.setFields(shared.context.policy) }
    }

    package mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        let isLeaving = key == .escape || key == .control("c")
        switch review.stage {
        case .form where isLeaving:
            shared.close()
            shared.say("Cancelled. Nothing was changed; \(Marks.words(review.people.count)) marked.")
        case .form where key == .enter: if review.enter() { look(&shared) }
        case .form where scroll(key, shared): break
        case .form: review.fill(shared.context.policy) { $0.apply(key, fault: $1) }
        case .looking,
            .review where isLeaving:
            guard isLeaving else { break }
            shared.stop(BatchLook.lane)
            review.goBack()
        case .review where key == .enter: if review.confirm() { look(&shared) }
        case .review where scroll(key, shared, lines: true): break
        case .review:
            review.problem = nil
            _ = review.word.apply(key) { _ in nil }
        case .running: if isLeaving { review.isStopping = true }
        case .ended where isLeaving || key == .enter: close(&shared)
        case .ended: _ = scroll(key, shared, lines: true)
        }
        return true
    }

    package mutating func paste(_ text: String, _ shared: inout Shared) -> Bool {
        if review.stage == .form { review.fill(shared.context.policy) { form, _ in form.paste(text) } }
        return true
    }

    /// Reads everybody as they are now, and finds out what would become of each.
    private func look(_ shared: inout Shared) {
        ask(AccountsQuery(ids: review.people.map(\.id)), &shared) { dialog, result, shared in
            switch result {
            case .failure(let error): dialog.review.goBack(error.inConsole)
            case .success(let found):
                dialog.review.take(
                    found, shared.context.policy, now: shared.now, user: shared.context.viewer.databaseUser)
                if !dialog.review.gone.isEmpty { shared.tell(.gone(Set(dialog.review.gone.map(\.id)))) }
                dialog.lookAtNext(&shared)
            }
        }
    }

    private mutating func lookAtNext(_ shared: inout Shared) {
        guard let batch = review.batch, let place = review.next else {
            return review.endLooking() ? carryOutNext(&shared) : shared.awaitPaint()
        }
        ask(BatchLook(row: batch.rows[place], batch: batch), &shared) { dialog, result, shared in
            switch result {
            case .failure(let error): dialog.review.goBack(error.inConsole)
            case .success(let row):
                dialog.review.take(row, at: place)
                dialog.lookAtNext(&shared)
            }
        }
    }

    private mutating func carryOutNext(_ shared: inout Shared) {
        if review.isStopping { review.stop() }
        guard let batch = review.batch, let place = review.next else {
            review.end()
            return shared.awaitPaint()
        }
        let step = BatchStep(row: batch.rows[place], batch: batch)
        ask(step, &shared, progress: { dialog, words, _ in dialog.review.problem = words }) { dialog, result, shared in
            guard case .success(let row) = result else { return }
            dialog.review.take(row, at: place)
            dialog.carryOutNext(&shared)
        }
    }

    private func close(_ shared: inout Shared) {
        shared.close()
        guard let batch = review.batch else { return }
        shared.tell(.carriedOut(batch))
        shared.readPending()
    }

    /// Scrolls the people; `lines`: also by the keys that a form would take.
    private mutating func scroll(_ key: Key, _ shared: Shared, lines: Bool = false) -> Bool {
        let isTold = shared.context.isLinear
        let (last, page) = review.scrolling(shared.size, isTold: isTold)
        let step =
            switch key {
            case .pageUp: -page
            case .pageDown: page
            case .up where lines: isTold ? -page : -1
            case .down where lines: isTold ? page : 1
            default: 0
            }
        review.top = max(0, min(review.top + step, last))
        return step != 0
    }

    package func draw(into buffer: inout Buffer, _ shared: Shared) { review.dialog(buffer.size).draw(into: &buffer) }

    package func spoken(_ shared: Shared) -> Spoken { review.spoken(shared.size) }

    package func hints(_ shared: Shared) -> [Footer.Hint] {
        let isPaged = review.stage == .form || shared.context.isLinear
        let scroll = Footer.Hint(isPaged ? "PgUp PgDn" : "↑↓", "people", priority: 5)
        return switch review.stage {
        case .form:
            review.form.hints(enter: review.form.focus == .ticket ? "check" : "next") + [
                scroll, Footer.Hint("Esc", "cancel", priority: 9),
            ]
        case .looking: [Footer.Hint("Esc", "back", priority: 9)]
        case .review:
            (review.wanted > 0 ? [Footer.Hint("Enter", "confirm", priority: 8)] : []) + [
                scroll, Footer.Hint("Esc", "back", priority: 9),
            ]
        case .running: [Footer.Hint("Esc", "stop after this one", priority: 9)]
        case .ended: [scroll, .close]
        }
    }
}
