import AccountPolicy
import Credentials
import OperatingSystem
import PostgresClient

@testable import ConvonetCore

extension FakeWorld {
    /// The code that every caller is sent.
    static let code = "482913"

    private static func receipt(_ outcome: ChangeResult.Outcome) -> Receipt {
        Receipt(outcome: outcome, eventID: id(0xE002), sequence: 4713, occurredAt: now)
    }

    static func later(minutes: Int) -> Timestamp {
        Timestamp(microseconds: now.microseconds + Int64(minutes) * 60_000_000)
    }

    /// Sends a code at once, unless three were.
    mutating func sendCode(by way: CallerWay) -> CallerVerification.Result {
        if addressHasChanged {
            return CallerVerification.Result(
                receipt: Self.receipt(.conflict), rule: "account_changed",
                message: "The account changed since you saw it: e-mail.")
        }
        guard caller.codesLeft > 0 else {
            return CallerVerification.Result(
                receipt: Self.receipt(.refused), rule: "code_limit", message: "Limit reached: three codes were sent.")
        }
        caller.codesLeft -= 1
        caller.code = CallerState.Code(
            state: .sent, address: way == .text ? "…42" : "anna.berg@example.org", until: Self.later(minutes: 10),
            triesLeft: 5, way: way)
        return CallerVerification.Result(receipt: Self.receipt(.done))
    }

    mutating func verify(_ code: String, hasKey: Bool) -> CallerVerification.Result {
        guard hasKey, CallerCode.digits(of: code) == Self.code, caller.code?.isOpen == true else {
            let left = (caller.code?.triesLeft ?? 1) - 1
            caller.code?.triesLeft = left
            return CallerVerification.Result(
                receipt: Self.receipt(.refused), rule: "code_wrong", message: "The code is wrong. 4 tries left.")
        }
        caller.code?.state = .used
        let way = caller.code?.way ?? .mail
        caller.proof = CallerState.Proof(
            points: way.points(.standard), until: Self.later(minutes: 10), ways: way.rawValue)
        return CallerVerification.Result(receipt: Self.receipt(.done))
    }
}
