package import ConvonetCore
package import Credentials

/// What a caller has proven, and what became of their code.
package struct CallerQuery: Query {
    package typealias Value = CallerState
    package var account: Account

    package init(account: Account) {
        self.account = account
    }

    package var lane: Lane? { "caller" }

    package func read(from session: any ConsoleSession) async throws -> CallerState {
        try await session.callerState(of: account)
    }
}

/// A code for a caller.
package struct SendCode: Work {
    package typealias Value = CallerVerification.Result
    package typealias Progress = Never
    package var account: Account
    package var way: CallerWay
    package var key: CallerKey

    package init(account: Account, way: CallerWay, key: CallerKey) {
        self.account = account
        self.way = way
        self.key = key
    }

    package func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws
        -> CallerVerification.Result
    {
        try await session.sendCode(to: account, by: way, key: key)
    }
}

/// What a caller read back.
package struct VerifyCaller: Work {
    package typealias Value = CallerVerification.Result
    package typealias Progress = Never
    package var account: Account
    package var code: String
    package var key: CallerKey?

    package init(account: Account, code: String, key: CallerKey? = nil) {
        self.account = account
        self.code = code
        self.key = key
    }

    package func run(on session: any ConsoleSession, _: @escaping @Sendable (Never) -> Void) async throws
        -> CallerVerification.Result
    {
        try await session.verifyCaller(account, code: code, key: key)
    }
}
