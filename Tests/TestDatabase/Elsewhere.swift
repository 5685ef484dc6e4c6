import OperatingSystem

/// Does work that holds its thread up on a thread of its own: tests share as many threads as there are cores, and two that
/// hold theirs up until a third goes on hold up all of them.
public func elsewhere<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        detachThread { continuation.resume(with: Result { try body() }) }
    }
}
