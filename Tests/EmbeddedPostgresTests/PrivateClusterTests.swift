import Glibc
import OperatingSystem
import Testing

@testable import EmbeddedPostgres

@Suite struct PrivateClusterTests {
    @Test func answersOnItsSocketAndLeavesNothingBehind() throws {
        let cluster = try PrivateCluster.start()
        #expect(try cluster.run("SHOW listen_addresses") == "")
        #expect(try cluster.run("SELECT current_user") == "postgres")
        #expect(FileSystem.exists(cluster.logPath))
        #expect(try cluster.run("SELECT inet_server_addr() IS NULL") == "t")
        let directory = cluster.socketDirectory
        cluster.stop()
        cluster.stop()
        #expect(!FileSystem.exists(directory))
    }

    @Test func endsWithItsLastReference() throws {
        var directory = ""
        do {
            let cluster = try PrivateCluster.start()
            directory = cluster.socketDirectory
            #expect(FileSystem.exists(directory))
        }
        #expect(!FileSystem.exists(directory))
    }

    @Test func letsNobodyElseIntoItsDirectory() throws {
        let cluster = try PrivateCluster.start()
        var status = stat()
        #expect(stat(cluster.socketDirectory, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
        if geteuid() == 0 {
            #expect(status.st_uid != 0)
            #expect(cluster.serverUser != nil)
        }
    }

    @Test func foldsTheCaseOfLettersBeyondASCII() throws {
        let cluster = try PrivateCluster.start()
        let answer = try cluster.run(
            "SELECT lower('ÉÖŽДΣ'), 'Jürgen ŻÓŁĆ ДМИТРИЙ' ILIKE '%żółć дмитрий', current_setting('server_encoding')")
        #expect(answer == "éöžдσ|t|UTF8")
    }

    @Test func stopsAtTheFirstErrorAndSaysWhichItWas() throws {
        let cluster = try PrivateCluster.start()
        let failure = #expect(throws: ClusterFailure.self) {
            try cluster.run("CREATE TABLE before (n int); SELECT 1 FROM nowhere; CREATE TABLE after (n int);")
        }
        #expect("\(try #require(failure))".contains("relation \"nowhere\" does not exist"))
        #expect(try cluster.run("SELECT to_regclass('before') IS NULL, to_regclass('after') IS NULL") == "f|t")
    }

    @Test func actsAsAnyRole() throws {
        let cluster = try PrivateCluster.start(.init(superuser: "owner of all"))
        try cluster.run("CREATE ROLE \"it's\" LOGIN")
        #expect(try cluster.run("SELECT session_user", user: "it's") == "it's")
        #expect(try cluster.run("SELECT session_user") == "owner of all")
        #expect(cluster.connectionString(database: "d", user: "it's").contains("user='it\\'s' dbname=d"))
    }

    @Test func takesSettingsAndFiles() throws {
        let hba = "local all all trust\nlocal all never reject\n"
        let cluster = try PrivateCluster.start(.init(settings: ["log_statement": "all"], files: ["pg_hba.conf": hba]))
        try cluster.run("SELECT 'in the log'")
        #expect(try #require(FileSystem.readTail(cluster.logPath, limit: 100_000)).contains("SELECT 'in the log'"))
        #expect(try cluster.run("SELECT count(*) FROM pg_hba_file_rules") == "2")
    }

    @Test func listensOnLoopbackOnlyWhereAskedAndWantsAPasswordThere() throws {
        let cluster = try PrivateCluster.start(.init(listenOnLoopback: 0))
        try cluster.run("CREATE ROLE caller LOGIN PASSWORD 'over-tcp'")
        func connect(_ password: String) throws -> ChildProcess.Outcome {
            let target = "host=127.0.0.1 port=\(cluster.port) user=caller dbname=postgres password=\(password)"
            return try ChildProcess.run([cluster.binaries.path("psql"), "-XAtc", "SELECT inet_server_addr()", target])
        }
        #expect(try connect("over-tcp").output == "127.0.0.1\n")
        #expect(try connect("wrong").succeeded == false)
    }

    @Test(arguments: [
        PrivateCluster.Options(settings: ["no such = name": "1"]), .init(settings: ["a": "x\ny"]),
        .init(files: ["../escape": ""]), .init(superuser: ""), .init(superuser: "pg_admin"), .init(keep: ""),
        .init(listenOnLoopback: 70_000),
    ])
    func refusesOptionsThatCannotBe(_ options: PrivateCluster.Options) {
        let failure = #expect(throws: ClusterFailure.self) { try PrivateCluster.start(options) }
        guard case .badOption = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func repeatsWhatAServerSaidThatDidNotStart() throws {
        let failure = #expect(throws: ClusterFailure.self) {
            try PrivateCluster.start(.init(settings: ["no_such_setting": "1"]))
        }
        #expect("\(try #require(failure))".contains("no_such_setting"))
    }
}
