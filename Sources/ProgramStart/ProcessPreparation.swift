internal import CGlibc
internal import Glibc

/// What both programs do before anything else.
public enum ProcessPreparation {
    /// Makes the process fit to hold secrets; to be called once, on the first thread.
    ///
    /// No core file and no ptrace by others of the same user; a closed pipe is an error of the write, not a signal;
    /// and no socket takes the number of a standard descriptor that is closed. Ends the process with 71 where the system has
    /// too little left for it. `say` writes a line for whoever started it.
    public static func prepare(_ program: String, say: (String) -> Void) {
        cg_occupy_standard_descriptors()
        signal(SIGPIPE, SIG_IGN)
        if let shortage = ProcessResources.shortage() {
            say("\(program): \(shortage)")
            exit(ExitStatus.systemShortage.rawValue)
        }
        if cg_set_undumpable() != 0 {
            say("\(program): This process could leave a core file: \(String(cString: strerror(errno))).")
        }
    }
}
