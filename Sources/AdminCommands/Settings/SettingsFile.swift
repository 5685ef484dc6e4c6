import Credentials
import ProgramStart
import TerminalKit

/// What the settings file says to the console and its commands, but for its databases: what belongs to who sits at the
/// keyboard.
struct SettingsFile: Equatable, Sendable {
    var color: String?
    var theme: Theme?
    var lines: LineSet?
    var alphabet: SpellingAlphabet?
    var passwordForm: PasswordForm?
    var breachedPasswords: String?
    var coverAfterMinutes: Int?
    var endAfterMinutes: Int?
    var allowSuspend: Bool?
    var bell: Bool?
    var mouse: Bool?
    var windowTitle: Bool?
    var linear: Bool?
    var sshKeygen: String?
    var sshCommands: [String]?

    init(_ document: SettingsDocument) throws(SettingsError) {
        color = try document.text("color", in: "appearance")
        if let color, !["auto", "never"].contains(color) {
            throw document.wrong("color", in: "appearance", "must be \"auto\" or \"never\"")
        }
        theme = try document.choice("theme", in: "appearance")
        lines = try document.choice("lines", in: "appearance")
        alphabet = try document.choice("alphabet", in: "dictation")
        passwordForm = try document.choice("passwords", in: "dictation")
        breachedPasswords = try document.breachedPasswords()
        coverAfterMinutes = try document.integer(
            "cover_after_minutes", in: "console", 0...1440, "a number of minutes, 0 for never")
        endAfterMinutes = try document.integer(
            "end_after_minutes", in: "console", 0...1440, "a number of minutes, 0 for never")
        allowSuspend = try document.bool("allow_suspend", in: "console")
        bell = try document.bool("bell", in: "console")
        mouse = try document.bool("mouse", in: "console")
        windowTitle = try document.bool("window_title", in: "console")
        linear = try document.bool("linear", in: "console")
        sshKeygen = try document.text("ssh_keygen", in: "programs")
        if let sshKeygen, !sshKeygen.hasPrefix("/") {
            throw document.wrong("ssh_keygen", in: "programs", "must be a full path, such as \"/usr/bin/ssh-keygen\"")
        }
        if sshKeygen != nil { try document.requireSure("ssh_keygen", in: "programs") }
        sshCommands = try document.texts("commands", in: "ssh")
        if let sshCommands, !sshCommands.allSatisfy(CommandNames.all.contains) {
            throw document.wrong(
                "commands", in: "ssh",
                "must be names of commands, such as [\"show\", \"audit list\"]; \"demo\" and \"forced-command\" cannot be"
            )
        }
    }
}

extension SettingsFile {
    /// The quiet times in seconds; 0 minutes is never.
    var idleTime: IdleTime {
        func seconds(_ minutes: Int) -> Int? { minutes == 0 ? nil : minutes * 60 }
        return IdleTime(coverAfter: seconds(coverAfterMinutes ?? 5), endAfter: seconds(endAfterMinutes ?? 0))
    }
}
