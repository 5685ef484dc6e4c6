internal import ConvonetCore
import ConvonetDatabase
internal import Credentials
internal import FoundationEssentials
internal import Logging
import OperatingSystem
internal import ProgramStart
import SelfServiceCore
internal import ServiceLifecycle

/// Takes mail from the queue and hands it to the mail program, or to that which sends to telephones, one after the other, until the program is to stop.
struct MailWorker: Service {
    let database: SelfServiceDatabase
    let templates: MailTemplates
    let command: [String]
    /// What sends codes to telephones; nil where the site has nothing that does.
    let textCommand: [String]?
    let from: MailAddress
    let metrics: ServiceMetrics
    let logger: Logger

    /// How long the queue is left alone where nothing was due.
    private static let pause = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A task of its own: what was taken is sent to its end, also when the program is to stop.
                if await Task(operation: sendOne).value { continue }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Whether there may be more to do at once.
    private func sendOne() async -> Bool {
        do {
            let mail: QueuedMail
            switch try await database.takeMail(sendsTexts: textCommand != nil) {
            case .nothing: return false
            case .more: return true
            case .mail(let taken): mail = taken
            }
            let (outcome, reason) = await hand(mail)
            metrics.note(mail, outcome)
            logger.log(
                level: outcome == .sent ? .info : .warning, "mail",
                metadata: [
                    "number": "\(mail.number)", "attempt": "\(mail.attempt)", "outcome": "\(outcome.rawValue)",
                    "reason": "\(reason)",
                ])
            try await database.end(mail, as: outcome, reason: reason)
            return true
        } catch {
            logger.error("mail queue", metadata: ["reason": "\(error.description)"])
            return false
        }
    }

    private func hand(_ mail: QueuedMail) async -> (MailOutcome, String) {
        if case .textCode(let code, _) = mail.content, let textCommand {
            return await run(textCommand, on: "\(mail.address)\n\(code.digits)\n", for: mail)
        }
        guard let address = MailAddress(to: mail.address) else {
            return (.failed, "the address is not valid in a mail header")
        }
        let texts = templates.texts(of: mail, to: address)
        let message = MailMessage(
            from: from, to: address, subject: texts.subject, plain: texts.plain, html: texts.html, date: Date(),
            identifier: UUID())
        return await run(command, on: message.text, for: mail)
    }

    /// Runs a program of the site's on its own thread, until it ends or its time is over.
    private func run(_ command: [String], on input: String, for mail: QueuedMail) async -> (MailOutcome, String) {
        let (input, patience) = (Array(input.utf8), mail.patience)
        let run: ToolRun? = await withCheckedContinuation { continuation in
            detachThread {
                continuation.resume(
                    returning: ToolRun(
                        command, input: input, keeping: ["HOME", "USER", "LOGNAME"], seconds: patience))
            }
        }
        guard let run else { return (.later, "\(command[0]) cannot be started") }
        return (Self.outcome(run.status), Self.reason(run, hiding: mail.secret))
    }

    /// By sysexits(3): what cannot be mended by waiting is given up.
    private static func outcome(_ status: Int32) -> MailOutcome {
        switch status {
        case 0: .sent
        case ExitStatus.refused.rawValue, ExitStatus.noAccount.rawValue, 68: .failed
        default: .later
        }
    }

    private static func reason(_ run: ToolRun, hiding secret: String) -> String {
        guard run.status != 0 else { return "" }
        // By code points: an accent behind it would make another text of it.
        let said = Array(run.output.unicodeScalars).replacing(
            Array(secret.unicodeScalars), with: "<secret>".unicodeScalars)
        return "exit \(run.status) \(String(String.UnicodeScalarView(said)).prefix(150))"
    }
}

extension QueuedMail {
    /// Whether it goes to a telephone.
    var isText: Bool { if case .textCode = content { true } else { false } }
}
