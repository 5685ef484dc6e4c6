import FoundationEssentials

/// A place outside the database that hears of every new head of the log, such as the system's log.
///
/// It must not fail the change: what cannot be written there is lost.
public protocol Anchor: Sendable {
    /// Keeps one line; see `AuditLine`.
    func keep(_ line: String)
}

/// Tells an anchor, where there is one, what one operator does to one log.
struct AnchorReports: Sendable {
    var anchor: (any Anchor)?
    var log: LogIdentity
    var operatorName: String

    func intent(request: UUID, action: String, account: UUID?) {
        anchor?.keep(
            AuditLine.intent(log, request: request, action: action, account: account, operatorName: operatorName))
    }

    func head(_ receipt: Receipt, request: UUID, action: String, account: UUID?) {
        anchor?.keep(
            AuditLine.head(log, receipt, request: request, action: action, account: account, operatorName: operatorName)
        )
    }
}
