import PostgresClient

@testable import AuditVerification
@testable import ConvonetCore

extension AuditEvent {
    /// A reset by somebody, with every field that a reset has.
    static func example(_ sequence: Int) -> AuditEvent {
        AuditEvent(
            format: 1, sequence: sequence, eventID: FakeWorld.id(900 + sequence),
            requestID: FakeWorld.id(800 + sequence),
            occurredAt: FakeWorld.moment(daysAgo: 10 - sequence), actorKind: "operator", action: "reset_password",
            outcome: sequence % 2 == 0 ? "refused" : "done", rule: sequence % 2 == 0 ? "password_common" : nil,
            accountID: FakeWorld.id(1), accountEmail: "anna.berg@example.org", accountUsername: "anna.berg",
            operatorName: "bert", dbUser: "desk", uid: 1001, loginUID: 1001, host: "desk-3", tty: "/dev/pts/4",
            sshOrigin: "192.0.2.7 50022", clientAddress: "192.0.2.9", reason: "forgot it", ticket: "T-12",
            verifiedBy: nil, application: "convonet-admin 0.1.0", detail: "method=generated",
            previousHash: [UInt8](repeating: 7, count: 32), hash: [UInt8](repeating: 9, count: 32))
    }
}

extension AuditLog.Verification {
    /// One that found nothing.
    static let example = AuditLog.Verification(
        first: 1, events: 4711, headSequence: 4711, head: [UInt8](repeating: 0xAB, count: 32), time: FakeWorld.now,
        problem: nil, anchorsPassedOver: 0, openIntents: [])
}
