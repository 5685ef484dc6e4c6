import Glibc
import Testing

@testable import EmbeddedPostgres

@Suite struct ServerBinariesTests {
    @Test(arguments: [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", 15), ("postgres (PostgreSQL) 9.6.24\n", 9),
        ("postgres (PostgreSQL) 18beta1\n", 18),
    ])
    func readsTheMajorVersion(answer: String, version: Int) {
        #expect(ServerBinaries.majorVersion(inAnswer: answer) == version)
    }

    @Test func readsNoVersionFromSomethingElse() {
        #expect(ServerBinaries.majorVersion(inAnswer: "usage: postgres\n") == nil)
    }

    @Test func namesThePackageWhereTheServerIsMissing() async {
        await #expect(processExitsWith: .exitCode(0)) {
            setenv("CONVONET_PG_BINDIR", "/nowhere", 1)
            do {
                _ = try PrivateCluster.start()
                exit(1)
            } catch ClusterFailure.serverMissing(let searched) {
                let words = ClusterFailure.serverMissing(searched: searched).description
                exit(searched == ["/nowhere"] && words.contains("postgresql-15") ? 0 : 2)
            }
        }
    }

    @Test func refusesAServerThatIsTooOld() async throws {
        let place = try TemporaryDirectory(mode: 0o755)
        let user = try ServerUser.current()
        for program in ["initdb", "postgres", "psql"] {
            try FileSystem.write(
                "#!/bin/sh\necho 'postgres (PostgreSQL) 12.9'\n", to: "\(place.path)/\(program)", owner: user)
            chmod("\(place.path)/\(program)", 0o755)
        }
        await #expect(processExitsWith: .exitCode(0)) { [directory = place.path as String] in
            setenv("CONVONET_PG_BINDIR", directory, 1)
            do {
                _ = try PrivateCluster.start()
                exit(1)
            } catch ClusterFailure.serverTooOld(let version, _) {
                exit(version == 12 ? 0 : 2)
            }
        }
    }
}
