internal import AccountPolicy
internal import ConvonetCore
import ConvonetDatabase
internal import Credentials
internal import HTTPTypes
internal import Logging
import OperatingSystem
internal import ProgramStart
import SelfServiceCore

/// Whether the program can do its work, found out by doing it; asked for as often as anybody likes.
actor Readiness {
    private let database: SelfServiceDatabase
    private let programs: [SiteProgram]
    private let logger: Logger
    private var underWay: Task<Bool, Never>?
    private var goodAt: ContinuousClock.Instant?

    /// For how long a good answer stands for the next.
    private static let keptFor = Duration.seconds(1)

    init(_ database: SelfServiceDatabase, programs: [SiteProgram], _ logger: Logger) {
        self.database = database
        self.programs = programs
        self.logger = logger
    }

    /// 200, or 503 with the reason in the log.
    func answer() async throws -> Answer {
        await isReady()
            ? .status("ready")
            : .error(.serviceUnavailable, "Not available at the moment. Try again in a few seconds.").retry(after: 5)
    }

    /// Whoever asks while it is being found out gets the same answer.
    private func isReady() async -> Bool {
        if let goodAt, ContinuousClock.now - goodAt < Self.keptFor { return true }
        let task = underWay ?? Task { await examine() }
        underWay = task
        let isGood = await task.value
        if underWay == task {
            underWay = nil
            goodAt = isGood ? .now : nil
        }
        return isGood
    }

    private func examine() async -> Bool {
        do {
            try await Self.examine(database, programs: programs)
            return true
        } catch {
            let known: (any CustomStringConvertible)? = (error as? AdminError) ?? (error as? Unready)
            logger.error("not ready", metadata: ["reason": "\(known?.description ?? "a bug (\(type(of: error)))")"])
            return false
        }
    }

    /// Throws where something that the program needs is not there.
    static func examine(_ database: SelfServiceDatabase, programs: [SiteProgram]) async throws {
        try await database.requireOrdinaryUser()
        let required = try await database.policy().policy.password.breachedList
        if !required.isEmpty {
            do { _ = try database.breached.list(of: required) } catch {
                throw Unready.passwordsUnchecked(error, required)
            }
        }
        try await database.rehearse()
        if let missing = programs.first(where: { ProgramPath.find($0.path) == nil }) {
            throw Unready.programMissing(missing)
        }
    }
}

/// A program of the site's that ours runs.
struct SiteProgram: Sendable {
    var name: String
    var path: String
    /// Where it is set.
    var setting: String
}

/// What keeps the program from its work, though the database answers.
enum Unready: Error, CustomStringConvertible {
    case programMissing(SiteProgram)
    case passwordsUnchecked(BreachedPasswords.Unavailable, String)

    var description: String {
        switch self {
        case .programMissing(let program):
            "The \(program.name) \(program.path) does not exist or cannot be run. Install one, or set \(program.setting)."
        case .passwordsUnchecked(let reason, let required):
            "\(reason.reason) \(BreachedPasswords.Unavailable.next(required: required))"
        }
    }
}
