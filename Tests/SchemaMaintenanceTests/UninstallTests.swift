import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TestDatabase
import Testing

@testable import SchemaMaintenance

@Suite struct UninstallTests {
    @Test func aLogThatGrewSinceItWasExportedIsNotRemoved() async throws {
        let database = try await TestDatabase.withLog(2)
        let migrator = Migrator(try database.pool())
        await #expect(throws: AdminError.self) { try await migrator.uninstall(lastEvent: 1) }
        #expect(try await database.log().count == 2)
        try await migrator.uninstall(lastEvent: 2)
        await #expect(throws: AdminError.schemaMissing) { try await database.session(.auditor) }
    }
}
