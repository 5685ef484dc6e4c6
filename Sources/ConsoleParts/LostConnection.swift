import ConsoleRequests
package import ConvonetDatabase
import TerminalKit

extension Shared {
    /// Remembers that the database is gone, or that it is there again.
    package mutating func noteConnection(_ error: AdminError?) {
        guard let error else {
            if lost != nil { say("Connected again.", .good) }
            lost = nil
            return
        }
        if lost == nil, error.isLostConnection { lost = LostConnection(since: now, uptime: uptime) }
    }
}
