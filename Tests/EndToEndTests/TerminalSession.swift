import Glibc
import Testing

/// The built program in a terminal of its own: tmux on its own socket, in a directory that goes with it.
///
/// The terminal shows `BEFORE`, runs the program, then shows `STATUS` and the program's exit status. Waiting looks at the
/// screen again and again, for at most `patience` seconds.
final class TerminalSession: Sendable {
    let directory: String
    private static let patience = 30

    /// The program beside this test.
    static let program: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/convonet-admin"
    }()

    private static let delayedLine =
        #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/delayed_line.py"

    /// Starts the console on a database: with `delay`, behind a line on which every byte takes so many seconds; with
    /// `hasShell`, from a shell that shows `STOPPED` when it is suspended and goes on with it at ``resume()``.
    init(
        database: String, columns: Int = 80, rows: Int = 24, environment: [String: String] = [:],
        arguments: String = "",
        command: String = "console", delay: Double? = nil, settings: String = "", hasShell: Bool = false
    ) throws {
        var template = Array("/tmp/convonet-e2e-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ShellCommand.Failure(description: "no temporary directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var variables = [
            "PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8", "TERM": "tmux-256color", "TZ": "UTC",
            "CONVONET_DB_URI": database, "CONVONET_ADMIN_CONFIG": directory + "/settings",
        ]
        variables.merge(environment) { $1 }
        let assignments = variables.sorted { $0.key < $1.key }.map { ShellCommand.quoted("\($0)=\($1)") }
        let program = ShellCommand.quoted(Self.program)
        let line = delay.map { "python3 \(ShellCommand.quoted(Self.delayedLine)) \($0) " } ?? ""
        let shell = hasShell ? "\necho STOPPED\nuntil test -e resume; do sleep 0.05; done\nfg >/dev/null" : ""
        try write(settings, to: "settings")
        try write(
            """
            \(hasShell ? "set -m" : "")
            cd \(directory)
            echo BEFORE
            stty -a >before
            env -i \(assignments.joined(separator: " ")) \(line)sh -c 'echo $$ >pid; exec "$0" \(command) "$@"' \(program) \(arguments)\(shell)
            echo STATUS $?
            stty -a >after
            touch ended
            exec cat
            """, to: "script")
        try write(
            "set -g escape-time 0\nset -g status off\nset -g set-clipboard on\nset -g history-limit 1000\n",
            to: "tmux.conf")
        try tmux(
            "-f", directory + "/tmux.conf", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
            "sh \(directory)/script")
    }

    deinit {
        _ = try? tmux("kill-server")
        _ = try? ShellCommand.run(["rm", "-rf", directory])
    }

    /// Types text as it is, then presses keys by tmux's names.
    func type(_ text: String, _ keys: String...) throws {
        if !text.isEmpty { try tmux("send-keys", "-l", text) }
        for key in keys { try tmux("send-keys", key) }
    }

    func press(_ keys: String...) throws { for key in keys { try tmux("send-keys", key) } }
    func resize(_ columns: Int, _ rows: Int) throws { try tmux("resize-window", "-x", "\(columns)", "-y", "\(rows)") }

    /// Lets the shell go on with what was suspended.
    func resume() throws { try write("", to: "resume") }

    /// Every byte that the program sent, where it runs behind a line with a `delay`.
    func sent() -> String { ShellCommand.contents(of: directory + "/sent") ?? "" }

    /// What was copied last.
    func clipboard() throws -> String { try tmux("save-buffer", "-") }

    func screen() throws -> String { try tmux("capture-pane", "-p") }
    func screenWithStyles() throws -> String { try tmux("capture-pane", "-p", "-e") }
    func everythingShown() throws -> String { try tmux("capture-pane", "-p", "-S", "-") }
    func state(_ format: String) throws -> String {
        try tmux("display-message", "-p", format).split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Waits until the screen has the text.
    @discardableResult
    func wait(for text: String, at location: SourceLocation = #_sourceLocation) async throws -> String {
        try await wait("“\(text)”", at: location) { $0.contains(text) }
    }

    /// Waits until the screen is as it should be, and gives it back.
    @discardableResult
    func wait(
        _ what: String, at location: SourceLocation = #_sourceLocation, until isThere: (String) async throws -> Bool
    ) async throws -> String {
        var last = ""
        for _ in 0..<(Self.patience * 40) {
            last = try screen()
            if try await isThere(last) { return last }
            try await Task.sleep(for: .milliseconds(25))
        }
        Issue.record("Not seen: \(what). The screen was:\n\(last)", sourceLocation: location)
        throw ShellCommand.Failure(description: "not seen: \(what)")
    }

    /// Presses a key, again every other second, until the screen has the text.
    ///
    /// A dialog takes keys only once its terminal has said that it was shown, which is a moment after it is seen here.
    @discardableResult
    func press(_ key: String, until text: String, at location: SourceLocation = #_sourceLocation) async throws -> String
    {
        var looks = 0
        return try await wait("“\(text)”", at: location) { screen in
            if screen.contains(text) { return true }
            if looks.isMultiple(of: 80) { try press(key) }
            looks += 1
            return false
        }
    }

    /// The program's process id.
    func processID() throws -> pid_t {
        guard let text = ShellCommand.contents(of: directory + "/pid"), let id = pid_t(text.filter(\.isNumber)) else {
            throw ShellCommand.Failure(description: "the program has not started")
        }
        return id
    }

    /// Waits for the program's end and gives its exit status back.
    func status(at location: SourceLocation = #_sourceLocation) async throws -> Int {
        let shown = try await wait("the end", at: location) { _ in access(directory + "/ended", F_OK) == 0 }
        let line = try await wait("STATUS after \(shown)", at: location) { $0.contains("STATUS ") }
            .split(separator: "\n").last { $0.hasPrefix("STATUS ") }
        return line.flatMap { Int($0.dropFirst(7).filter(\.isNumber)) } ?? -1
    }

    /// Whether the terminal is as it was: its settings, the ordinary screen, the cursor shown.
    func expectGivenBack(withScreen: Bool = true, at location: SourceLocation = #_sourceLocation) throws {
        let before = ShellCommand.contents(of: directory + "/before")
        #expect(before != nil && before == ShellCommand.contents(of: directory + "/after"), sourceLocation: location)
        #expect(
            try state("#{alternate_on} #{cursor_flag} #{keypad_flag} #{keypad_cursor_flag} #{mouse_any_flag}")
                == "0 1 0 0 0", sourceLocation: location)
        if withScreen { #expect(try screen().contains("BEFORE"), sourceLocation: location) }
    }

    @discardableResult
    private func tmux(_ words: String...) throws -> String {
        try ShellCommand.run(["env", "-u", "TMUX", "LC_ALL=C.UTF-8", "tmux", "-S", directory + "/socket"] + words)
    }

    private func write(_ text: String, to name: String) throws {
        guard let file = fopen(directory + "/" + name, "w") else {
            throw ShellCommand.Failure(description: "cannot write \(name)")
        }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count, file)
    }
}
