import FoundationEssentials
import OperatingSystem
import PostgresClient
import TerminalKit

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

extension FakeWorld {
    /// A request of bert's that waits, by its number; the higher the number, the later it was made.
    static func request(
        _ number: Int, for email: String = "bob.stone@example.org", change: (inout ApprovalRequest) -> Void = { _ in }
    ) -> ApprovalRequest {
        var request = ApprovalRequest(
            id: number, action: "reset_password", accountID: id(2), accountEmail: email,
            accountUsername: String(email.prefix { $0 != "@" }),
            requestedAt: Timestamp(microseconds: now.microseconds - 120_000_000), requestedBy: "bert_db",
            operatorName: "bert", reason: "locked out", ticket: "T-\(number)", verifiedBy: nil,
            expiresAt: Timestamp(microseconds: now.microseconds + 780_000_000), state: .requested, decidedAt: nil,
            decidedBy: nil, decisionReason: nil, isOwn: false)
        change(&request)
        return request
    }

    /// The same of whoever looks.
    static func ownRequest(_ number: Int) -> ApprovalRequest {
        request(number) {
            $0.isOwn = true
            $0.requestedBy = "anna"
            $0.operatorName = "anna"
        }
    }

    func approvals(all: Bool) -> [ApprovalRequest] {
        approvals.filter { all || $0.state == .requested || $0.state == .approved }
    }

    /// The first word counts, whoever says it.
    mutating func decide(_ request: ApprovalRequest, _ decision: ApprovalQueue.Decision) -> ApprovalQueue.Result {
        let index = approvals.firstIndex { $0.id == request.id && $0.state == .requested }
        if let index { approvals[index].state = decision == .approve ? .approved : .denied }
        let receipt = Receipt(
            outcome: index == nil ? .refused : .done, eventID: Self.id(0xE001), sequence: 4712, occurredAt: Self.now)
        return ApprovalQueue.Result(receipt: receipt, message: index == nil ? "It was decided already." : nil)
    }
}
