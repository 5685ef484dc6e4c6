import ConvonetDatabase
internal import Logging
import SelfServiceCore
internal import ServiceLifecycle

/// Deletes what is over and ends temporary passwords, beside all other work: it may have to wait for the application's code.
struct TidyWorker: Service {
    let database: SelfServiceDatabase
    let logger: Logger

    private static let pause = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // A task of its own: what was begun is done to its end, also when the program is to stop.
                await Task(operation: tidy).value
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func tidy() async {
        do {
            try await database.tidy()
        } catch {
            logger.error("tidying up", metadata: ["reason": "\(error.description)"])
        }
    }
}
