import CGlibc
import ConvonetCore

/// The system's log as an anchor: each line goes to syslog(3), facility authpriv, and from there wherever that is sent.
struct SystemLog: Anchor {
    func keep(_ line: String) { cg_syslog_authpriv(line) }
}
