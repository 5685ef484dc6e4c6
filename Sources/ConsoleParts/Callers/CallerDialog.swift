import AccountPolicy
import ConsoleRequests
package import ConvonetCore
import ConvonetDatabase
import Credentials
package import TerminalKit

/// Who is speaking: the ways in which callers are verified here, and the code that one reads back.
package struct CallerDialog: Overlay {
    package enum Field: Hashable, Sendable { case way, code }

    /// The person whom somebody says to be.
    package private(set) var account: Account
    /// What is known of the caller; nil before it was read.
    package private(set) var known: CallerState?
    package private(set) var form = Form<Field>(focus: .code)
    package private(set) var problem: String?
    /// What to say where mail is queued that nobody sends; nil where somebody does, as far as it is known.
    package let mailWarning: String?
    /// What is being waited for, in words.
    package private(set) var work: String?
    /// When what became of the code is read again, by the clock of `Shared.uptime`.
    private var readAt: Int?

    /// Milliseconds between two looks at a code that waits to be sent.
    private static let pause = 2000
    /// The same where only the time goes by.
    private static let longPause = 20_000

    package init(of account: Account, knowing known: CallerState?, mailWarning: String? = nil) {
        self.mailWarning = mailWarning
        self.account = account
        self.known = known
        setFields()
        focus()
    }

    /// Where there is one way only, there is nothing to choose.
    private mutating func setFields() {
        let ways = ChoiceField(["mail", known?.phone.map { "telephone \($0)" } ?? ""], chosen: 0)
        form.set(
            (known?.phone == nil ? [] : [FormField(id: .way, label: "Send by", content: .choice(ways))])
                + [FormField(id: .code, label: "Code", content: .text(TextField(limit: 20)))])
    }

    /// On what comes next: by which way a code goes, or the code.
    private mutating func focus() { form.focus = form[.way] == nil || isWaitingForCode ? .code : .way }

    private var way: CallerWay { form.choice(.way) == 1 ? .text : .mail }

    package var isWriting: Bool { work != nil }
    package var speaksForScreens: Bool { true }

    package mutating func begin(_ shared: inout Shared) {
        shared.awaitPaint()
        read(&shared)
    }

    package mutating func settle(_ shared: inout Shared) {
        if let due = nextRead(shared), shared.uptime >= due { read(&shared) }
    }

    package func nextMoment(_ shared: Shared) -> Int? {
        let left = shared.nextCountdown([known?.proof?.until, known?.code?.until].compactMap { $0 })
        return [shared.lost == nil ? nextRead(shared) : nil, left].compactMap { $0 }.min()
    }

    /// When it is read anew; nil while nothing is shown or told of it.
    private func nextRead(_ shared: Shared) -> Int? {
        let isTold = !shared.context.isLinear || isWaitingForCode
        return work == nil && isTold && !shared.showsNothing ? readAt : nil
    }

    package mutating func wipe() { form.setText(.code, "") }

    package mutating func take(_ key: Key, _ shared: inout Shared) -> Bool {
        problem = nil
        switch key {
        case .escape, .control("c"): close(&shared)
        case _ where work != nil: break
        case .control("g"): send(&shared)
        case .enter where form[.code]?.isEmpty == false: verify(&shared)
        case .enter where isWaitingForCode: problem = "Type the six digits that the caller reads to you."
        case .enter: send(&shared)
        default: take(form.apply(key) { _ in nil })
        }
        return true
    }

    package mutating func paste(_ text: String, _ shared: inout Shared) -> Bool {
        problem = nil
        take(form.paste(text))
        return true
    }

    private mutating func take(_ outcome: Form<Field>.Outcome) {
        if case .refused(let reason) = outcome { problem = reason }
    }

    /// Whether there is a code that can be read back.
    package var isWaitingForCode: Bool { known?.code?.isOpen == true }

    private func close(_ shared: inout Shared) {
        shared.close()
        shared.tell(.changed(account))
    }

    private mutating func read(_ shared: inout Shared) {
        readAt = nil
        ask(CallerQuery(account: account), &shared) { $0.take($1, &$2) }
    }

    private mutating func take(_ result: Result<CallerState, AdminError>, _ shared: inout Shared) {
        switch result {
        case .failure(let error):
            shared.noteConnection(error)
            problem = error.inConsole
        case .success(let found):
            let before = (known?.phone, isWaitingForCode)
            known = found
            setFields()
            if before != (known?.phone, isWaitingForCode) { focus() }
        }
        let isQueued = known?.code?.state == .queued
        readAt = shared.uptime + (isQueued ? Self.pause : Self.longPause)
    }

    private mutating func send(_ shared: inout Shared) {
        let key = CallerKey()
        shared.callerKeys[account.id] = key
        work = way == .mail ? "Queueing the mail…" : "Queueing the text…"
        form.setText(.code, "")
        ask(SendCode(account: account, way: way, key: key), &shared) { $0.end($1, &$2) { _, _, _ in } }
    }

    private mutating func verify(_ shared: inout Shared) {
        work = "Checking the code…"
        let way = known?.code?.way ?? .mail
        let order = VerifyCaller(account: account, code: form.text(.code), key: shared.callerKeys[account.id])
        ask(order, &shared) { dialog, result, shared in
            dialog.end(result, &shared) { dialog, receipt, shared in
                shared.callerKeys[dialog.account.id] = nil
                dialog.close(&shared)
                let points = way.points(shared.context.policy)
                shared.say(
                    "The caller has proven who they are: \(way.words), \(points) points, for "
                        + "\(shared.context.policy.verificationMinutes) min. Receipt \(receipt.sequence).", .good)
            }
        }
    }

    /// Takes how a call ended, and reads what is known now.
    private mutating func end(
        _ result: Result<CallerVerification.Result, AdminError>, _ shared: inout Shared,
        done: (inout CallerDialog, Receipt, inout Shared) -> Void
    ) {
        work = nil
        form.setText(.code, "")
        switch result {
        case .failure(let error):
            shared.noteConnection(error)
            problem = error.inConsole
        case .success(let result):
            // Whom this shows is not who they are any more: the page behind it reads them anew.
            if result.isConflict {
                close(&shared)
                return shared.say(result.message ?? "Refused.", .caution)
            }
            problem = result.isDone ? nil : result.message ?? "Refused."
            if result.isDone, let receipt = result.receipt { done(&self, receipt, &shared) }
        }
        read(&shared)
    }
}
