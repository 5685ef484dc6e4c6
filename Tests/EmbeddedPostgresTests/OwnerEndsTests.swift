import Glibc
import OperatingSystem
import Testing

@testable import EmbeddedPostgres

@Suite struct OwnerEndsTests {
    @Test func killedOwnerLeavesNothingBehind() async throws {
        let place = try TemporaryDirectory()
        let kept = place.path
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            [kept = place.path as String] in
            let cluster = try PrivateCluster.start(.init(keep: kept))
            try cluster.run("CREATE TABLE t AS SELECT 42 AS n")
            print("scratch:\(cluster.socketDirectory):")
            fflush(nil)
            kill(getpid(), SIGKILL)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let scratch = String(try #require(output.split(separator: ":").dropFirst().first))
        #expect(scratch.hasPrefix("/tmp/convonet-"))
        // The lock is inherited by guardian and server: whoever gets it knows that both are gone.
        let ended = try ChildProcess.run(["flock", "-w", "30", kept + "/lock", "true"])
        #expect(ended.succeeded)
        #expect(!FileSystem.exists(scratch))
        let again = try PrivateCluster.start(.init(keep: kept))
        #expect(try again.run("SELECT n FROM t") == "42")
    }

    @Test(.enabled(if: geteuid() == 0)) func ordinaryUserRunsItAsThemselves() async {
        await #expect(processExitsWith: .exitCode(42)) {
            guard setgid(65534) == 0, setuid(65534) == 0 else { exit(1) }
            let cluster = try PrivateCluster.start()
            guard cluster.serverUser == nil, try cluster.run("SELECT 6 * 7") == "42" else { exit(2) }
            cluster.stop()
            exit(FileSystem.exists(cluster.socketDirectory) ? 3 : 42)
        }
    }

    @Test func serverDiesWithItsGuardian() async throws {
        let place = try TemporaryDirectory()
        let kept = place.path
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
            [kept = place.path as String] in
            let cluster = try PrivateCluster.start(.init(keep: kept))
            let postmaster = FileSystem.readTail(cluster.dataDirectory + "/postmaster.pid", limit: 4096) ?? ""
            let pid = postmaster.prefix { $0 != "\n" }
            let parent = try ChildProcess.run(["grep", "PPid:", "/proc/\(pid)/status"]).output
            guard let guardian = pid_t(parent.filter { $0.isNumber }), guardian > 1 else { exit(2) }
            kill(guardian, SIGKILL)
            print("scratch:\(cluster.socketDirectory):")
            fflush(nil)
            _exit(0)
        }
        let output = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let scratch = try #require(output.split(separator: ":").dropFirst().first)
        defer { _ = try? ChildProcess.run(["rm", "-rf", String(scratch)]) }
        #expect(try ChildProcess.run(["flock", "-w", "30", kept + "/lock", "true"]).succeeded)
    }
}
