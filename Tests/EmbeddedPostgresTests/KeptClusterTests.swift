import Glibc
import Testing

@testable import EmbeddedPostgres

@Suite struct KeptClusterTests {
    @Test func findsItsDataAgain() throws {
        let place = try TemporaryDirectory()
        let directory = place.path + "/kept"
        let first = try PrivateCluster.start(.init(keep: directory))
        try first.run("CREATE TABLE t AS SELECT 42 AS n")
        first.stop()
        #expect(!FileSystem.exists(first.socketDirectory))
        let second = try PrivateCluster.start(.init(keep: directory))
        #expect(try second.run("SELECT n FROM t") == "42")
    }

    @Test func refusesASecondStartWhileOneRuns() throws {
        let place = try TemporaryDirectory()
        let running = try PrivateCluster.start(.init(keep: place.path))
        #expect(throws: ClusterFailure.directoryInUse(place.path)) { try PrivateCluster.start(.init(keep: place.path)) }
        #expect(try running.run("SELECT 1") == "1")
    }

    @Test func refusesADirectoryOfSomethingElse() throws {
        let place = try TemporaryDirectory()
        let precious = place.path + "/precious"
        try FileSystem.write("keep me", to: precious, owner: ServerUser(name: "", uid: 0, gid: 0, isAnother: false))
        #expect(throws: ClusterFailure.notACluster(place.path)) { try PrivateCluster.start(.init(keep: place.path)) }
        #expect(FileSystem.entries(of: place.path) == ["precious"])
    }

    @Test func refusesAForeignCluster() throws {
        let place = try TemporaryDirectory()
        let kept = place.path + "/kept"
        let cluster = try PrivateCluster.start(.init(keep: kept))
        cluster.stop()
        #expect(throws: ClusterFailure.notACluster(kept + "/data")) {
            try PrivateCluster.start(.init(keep: kept + "/data"))
        }
    }

    @Test func isNotStoppedByAStaleLockFileOrAnInitdbThatWasCutOff() throws {
        let place = try TemporaryDirectory()
        let first = try PrivateCluster.start(.init(keep: place.path))
        let data = first.dataDirectory
        first.stop()
        // As after a restart of the machine, the number in the stale file is now another process of the same user.
        let other = try PrivateCluster.start()
        let pid = try other.run("SELECT pg_read_file('postmaster.pid')").prefix { $0 != "\n" }
        try FileSystem.write("\(pid)\n\(data)\n", to: data + "/postmaster.pid", owner: ServerUser.current())
        mkdir(place.path + "/data.new", 0o777)
        chmod(place.path + "/data.new", 0o777)
        let second = try PrivateCluster.start(.init(keep: place.path))
        #expect(try second.run("SELECT 1") == "1")
    }

    @Test func theServersLogFollowsNoLink() throws {
        let place = try TemporaryDirectory()
        let other = try TemporaryDirectory()
        let precious = other.path + "/precious"
        try FileSystem.write("keep me", to: precious, owner: ServerUser.current())
        symlink(precious, place.path + "/server.log")
        let cluster = try PrivateCluster.start(.init(keep: place.path))
        #expect(try cluster.run("SELECT 1") == "1")
        #expect(FileSystem.readTail(precious, limit: 100) == "keep me")
        #expect(FileSystem.readTail(cluster.logPath, limit: 10_000)?.contains("ready to accept") == true)
        var state = stat()
        #expect(stat(cluster.logPath, &state) == 0 && state.st_mode & 0o777 == 0o600)
    }

    @Test func refusesADirectoryThatOthersMayWriteTo() throws {
        for mode in [0o777, 0o775, 0o1777] as [mode_t] {
            let place = try TemporaryDirectory(mode: mode)
            #expect(throws: ClusterFailure.directoryOfOthers(place.path)) {
                try PrivateCluster.start(.init(keep: place.path))
            }
            #expect(FileSystem.entries(of: place.path).isEmpty)
        }
        let above = try TemporaryDirectory(mode: 0o777)
        #expect(throws: ClusterFailure.directoryOfOthers(above.path)) {
            try PrivateCluster.start(.init(keep: above.path + "/kept"))
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func refusesADirectoryOfAnotherUser() throws {
        let place = try TemporaryDirectory()
        chown(place.path, 65531, 65531)
        #expect(throws: ClusterFailure.directoryOfOthers(place.path)) {
            try PrivateCluster.start(.init(keep: place.path))
        }
        let above = try TemporaryDirectory()
        let kept = above.path + "/kept"
        mkdir(kept, 0o700)
        chown(kept, try ServerUser.current().uid, 0)
        chown(above.path, 65531, 65531)
        #expect(throws: ClusterFailure.directoryOfOthers(above.path)) { try PrivateCluster.start(.init(keep: kept)) }
    }

    @Test func givesNoFileAwayByALock() throws {
        let place = try TemporaryDirectory()
        let other = try TemporaryDirectory()
        try FileSystem.write("keep me", to: other.path + "/precious", owner: ServerUser.current())
        #expect(link(other.path + "/precious", place.path + "/lock") == 0)
        #expect(throws: ClusterFailure.directoryOfOthers(place.path)) {
            try PrivateCluster.start(.init(keep: place.path))
        }
        unlink(place.path + "/lock")
        symlink(other.path + "/precious", place.path + "/lock")
        #expect(throws: ClusterFailure.self) { try PrivateCluster.start(.init(keep: place.path)) }
    }

    @Test func saysThatItCannotMakeTheDirectory() {
        #expect(throws: ClusterFailure.system(call: "mkdir", subject: "/nowhere/kept", errno: ENOENT)) {
            try PrivateCluster.start(.init(keep: "/nowhere/kept"))
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func saysWhoCannotReachTheDirectory() throws {
        let place = try TemporaryDirectory(mode: 0o700)
        let failure = #expect(throws: ClusterFailure.self) {
            try PrivateCluster.start(.init(keep: place.path + "/kept"))
        }
        #expect("\(try #require(failure))".contains("Use a directory that"))
    }

    @Test func namesThePackageThatDataOfAnotherVersionNeed() throws {
        let place = try TemporaryDirectory()
        mkdir(place.path + "/data", 0o755)
        try FileSystem.write("99\n", to: place.path + "/data/PG_VERSION", owner: ServerUser.current())
        let failure = #expect(throws: ClusterFailure.dataOfAnotherVersion(needed: 99, directory: place.path)) {
            try PrivateCluster.start(.init(keep: place.path))
        }
        #expect("\(try #require(failure))".contains("postgresql-99"))
    }
}
