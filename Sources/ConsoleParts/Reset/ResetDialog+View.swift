package import AccountDisplay
import ConvonetCore
import PostgresClient
package import TerminalKit

extension ResetDialog {
    package typealias Row = PersonDialog<Field>.Row

    package func draw(into buffer: inout Buffer, _ shared: Shared) {
        dialog(PersonLines.room(buffer.size), shared).draw(into: &buffer) { row, buffer, rect, labels in
            form.draw(
                row, into: &buffer, rect, labels: labels, isRevealed: revealedUntil != nil || !chosen.value.isMasked
            ) { id in
                guard id == .again, !form.secret(.again).isEmpty else { return nil }
                let isEqual = form.secret(.secret).secret == form.secret(.again).secret
                return isEqual ? ("the same", .good) : ("differs", .caution)
            }
        }
    }

    /// How far the lines below the person can be scrolled.
    package func lastTop(_ shared: Shared) -> Int {
        dialog(PersonLines.room(shared.size), shared).lastTop(shared.size)
    }

    func dialog(_ room: Int, _ shared: Shared) -> PersonDialog<Field> {
        let isReceipt = if case .receipt = stage { true } else { false }
        let shortStates = [account.isActive ? nil : "INACTIVE", account.signIn == .external ? "SSO" : nil]
        return PersonDialog(
            title: title,
            person: PersonLines(
                account, states: stateLines(room, shared),
                otherStates: stateLines(room, shared, inFull: false),
                shortStates: shortStates.compactMap { $0 }.joined(separator: ", ")),
            isBrief: isReceipt, body: bodyLines(shared, room), notice: noticeLines(room),
            form: stage == .form ? form : nil, top: top)
    }
}
