import ConvonetCore
import Credentials

/// What a caller has proven, and what became of their code.
struct CallerQuery: Query {
    typealias Value = CallerState
    var account: Account
    var lane: Lane? { "caller" }

    func read(from session: any ConsoleSession) async throws -> CallerState {
        try await session.callerState(of: account)
    }
}

/// A code for a caller.
struct SendCode: Work {
    typealias Value = CallerVerification.Result
    typealias Progress = Never
    var account: Account
    var way: CallerWay
    var key: CallerKey

    func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws
        -> CallerVerification.Result
    {
        try await session.sendCode(to: account, by: way, key: key)
    }
}

/// What a caller read back.
struct VerifyCaller: Work {
    typealias Value = CallerVerification.Result
    typealias Progress = Never
    var account: Account
    var code: String
    var key: CallerKey?

    func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws
        -> CallerVerification.Result
    {
        try await session.verifyCaller(account, code: code, key: key)
    }
}
