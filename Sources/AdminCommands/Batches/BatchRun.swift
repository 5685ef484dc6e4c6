import AccountDisplay
import ConvonetCore
import ConvonetDatabase
import Glibc
internal import JSONText
internal import PostgresClient
import ProgramStart
import TerminalKit

/// One run of a batch: everybody looked at, then shown, confirmed and carried out.
struct BatchRun {
    private let batch: Batch
    private let session: AdminSession
    private var editor: AccountEditor { session.changes }
    private let file: PeopleFile
    private let label: EnvironmentLabel?
    private let isJSON: Bool
    /// How many are to be changed that were not before.
    private let wanted: Int
    private let limitNote: String?

    /// Looks at everybody; nothing is changed.
    init(
        _ batch: Batch, from file: PeopleFile, _ session: AdminSession, in label: EnvironmentLabel?, isJSON: Bool,
        isAsked: Bool
    ) async throws {
        self.session = session
        self.file = file
        self.label = label
        self.isJSON = isJSON
        self.batch = try await Self.lookedAt(batch, session.changes, isShown: !isJSON)
        wanted = self.batch.count(.wouldDo)
        let limit = batch.action.kind.hourlyLimit(under: session.policy) ?? .max
        limitNote =
            wanted > limit
            ? "The policy lets you do \(limit) of these within an hour; the rest is left for later runs." : nil
    }

    private static func lookedAt(_ batch: Batch, _ editor: AccountEditor, isShown: Bool) async throws -> Batch {
        let progress = ProgressLine("Checking", unit: "people", isWanted: isShown)
        defer { progress.clear() }
        var batch = batch
        for place in batch.rows.indices where batch.ending == nil {
            batch.take(try await editor.look(at: batch.rows[place], of: batch), at: place)
            progress.show(place + 1, of: batch.rows.count)
        }
        return batch
    }

    /// Prints what would become of each: a dry run.
    func tell() throws {
        sayWhatIsRead()
        for row in batch.rows { try print(row, of: batch) }
        try finish(batch, isRehearsed: true)
    }

    /// Shows everybody and asks for the number, until what would happen is what was shown; throws where it is not given.
    func confirmed(_ prompt: TerminalPrompt) async throws -> BatchRun {
        var run = self
        while true {
            try run.confirm(prompt)
            let now = try await run.lookedAtAgain()
            let differences = run.batch.differences(from: now.batch)
            let people = run.batch.rows.map(\.account).filter { differences[$0.id] != nil }
            run = now
            if people.isEmpty { return run }
            Output.say("Something changed meanwhile, for \(Marks.names(people)). Nothing was done yet. Now it is so:")
        }
    }

    /// The same batch of everybody as they are now; who is gone by now is found out of each.
    private func lookedAtAgain() async throws -> BatchRun {
        let found = try await session.accounts.find(all: batch.rows.map(\.account.idText))
        let people = zip(batch.rows, found).map { row, result in (row.line, (try? result.get()) ?? row.account) }
        return try await BatchRun(
            Batch(
                people, action: batch.action, context: batch.context, name: batch.name, user: session.connection.user),
            from: file, session, in: label, isJSON: isJSON, isAsked: true)
    }

    /// Shows everybody and asks for the number; throws where it is not given.
    private func confirm(_ prompt: TerminalPrompt) throws {
        for row in batch.rows { Output.say(TextForms.row(row, of: batch)) }
        guard wanted > 0, batch.ending == nil else { return }
        sayWhatIsRead()
        if let limitNote { Output.say(limitNote) }
        let answer = "yes \(wanted)"
        let people = wanted == 1 ? "1 person" : "\(wanted) people"
        let asked = TextForms.question("\(people): \(batch.action.kind.words.attempt).", in: label)
        let typed = try prompt.line("\(asked) Type \(answer) to confirm: ")
        guard typed == answer else {
            Output.say("Nothing was changed." + (typed.isEmpty ? "" : " To confirm, type \(answer), with the number."))
            throw CommandFailure.silent(.declined)
        }
    }

    /// Which column named people, for a file may have several, and by which name it goes on with a file that is another then.
    func sayWhatIsRead() {
        guard !isJSON else { return }
        let name = DisplayText.visible(batch.name)
        Output.say("\(file.path), column \(DisplayText.visible(file.column)): \(batch.counts). Batch \(name).")
    }

    /// Carries it out and prints what became of each. A signal ends it between two people.
    func carryOut() async throws {
        do {
            try await Interruption.cancelling { try await carryOutAll() }
        } catch let interrupted as Interrupted {
            throw CommandFailure.ended(by: interrupted.signal)
        }
    }

    private func carryOutAll() async throws {
        let progress = ProgressLine(
            "Changing", unit: "people", isWanted: !isJSON && isatty(STDOUT_FILENO) == 0)
        defer { progress.clear() }
        var batch = batch
        // Whom a rule stops already at the beginning, nobody behind is looked at; those before are told all the same.
        let accepted = batch.ending == nil ? batch.accepted : []
        var next = 0
        for (number, place) in accepted.enumerated() {
            if Task.isCancelled { batch.stop() }
            if batch.ending != nil { break }
            while next < place { next = try print(next, of: batch) }
            batch.take(await editor.carryOut(batch.rows[place], of: batch) { Output.say($0) }, at: place)
            next = try print(place, of: batch)
            progress.show(number + 1, of: accepted.count)
        }
        progress.clear()
        batch.leaveRest()
        while next < batch.rows.count { next = try print(next, of: batch) }
        try finish(batch, isRehearsed: false)
    }

    /// Prints a row, and gives the place of the next one.
    private func print(_ place: Int, of batch: Batch) throws -> Int {
        do {
            try print(batch.rows[place], of: batch)
        } catch {
            let done = batch.count(.done)
            throw CommandFailure(
                .unknown,
                "The outcomes could not be written to standard output, so it stopped: \(done) done. The same command goes on."
            )
        }
        return place + 1
    }

    private func print(_ row: Batch.Row, of batch: Batch) throws(CommandFailure) {
        if isJSON { try Output.data(JSONForms.row(row).text) } else { try Output.line(TextForms.row(row, of: batch)) }
    }

    private func finish(_ batch: Batch, isRehearsed: Bool) throws {
        if isJSON {
            try Output.data(JSONForms.batch(batch, in: label, isRehearsed: isRehearsed).text)
        } else {
            Output.say("\(batch.counts). Batch \(DisplayText.visible(batch.name))\(TextForms.place(label)).")
            if isRehearsed { Output.say("Dry run: nothing was changed.") }
            if isRehearsed, let limitNote { Output.say(limitNote) }
            if let ending = TextForms.ending(batch) { Output.say(ending) }
        }
        if batch.ending == .stopped { throw CancellationError() }
        let status = ExitStatus(batch)
        if status != .done { throw CommandFailure.silent(status) }
    }
}

extension ExitStatus {
    /// The code for a batch: why it ended, or else the worst of what became of somebody.
    init(_ batch: Batch) {
        switch batch.ending {
        case .error(let error): self = ExitStatus(error)
        case .unknown: self = .unknown
        case .refused(let isLimit, _): self = isLimit ? .tryAgain : .refused
        case .stopped: self = .interrupted
        case nil:
            let isUnreplicated = batch.rows.contains { !$0.result.isReplicated }
            self =
                isUnreplicated
                ? .unknown
                : batch.count(.failed) > 0
                    ? .unavailable
                    : batch.count(.refused) > 0 ? .refused : batch.count(.conflict) > 0 ? .tryAgain : .done
        }
    }
}
