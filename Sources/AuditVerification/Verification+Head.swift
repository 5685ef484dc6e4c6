import ConvonetCore
import OperatingSystem

extension AuditLog.Verification {
    /// There is no head that events could be walked up to.
    init(brokenAtOnce problem: AuditProblem, time: Timestamp) {
        self.init(
            first: 1, events: 0, headSequence: 0, head: AuditHash.zero.bytes, time: time, problem: problem,
            isWholeByItself: false, anchorsPassedOver: 0, openIntents: [])
    }
}
