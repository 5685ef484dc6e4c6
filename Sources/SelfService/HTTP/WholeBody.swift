internal import HummingbirdCore
internal import NIOCore

/// A body did not come in within its time.
struct BodyTooSlow: Error {}

extension Request {
    /// For how long a body may take to come in.
    private static let bodyTime = Duration.seconds(10)

    /// The body, read whatever is asked for, so that nothing of one request is left before the next.
    func wholeBody() async -> Result<[UInt8], any Error> {
        do {
            let bytes = try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
                group.addTask { try await body.collect(upTo: RequestFields.maximumBytes) }
                group.addTask {
                    try await Task.sleep(for: Self.bodyTime)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let buffer = first else { throw BodyTooSlow() }
                return Array(buffer.readableBytesView)
            }
            return .success(bytes)
        } catch {
            return .failure(error)
        }
    }
}

extension SelfServiceContext {
    /// How long somebody has to take the answer before the connection is closed in the middle of a request.
    private static let partingTime = TimeAmount.seconds(5)

    /// Closes the connection a little later: what is left of a body would be read for as long as somebody sends it.
    func closeSoon() {
        channel.eventLoop.scheduleTask(in: Self.partingTime) { channel.close(promise: nil) }
    }
}
