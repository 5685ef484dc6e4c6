import Glibc
import Testing

@testable import AdminCommands

/// Which columns of the list are shown, from one console to the next.
@Suite struct ColumnFileTests {
    @Test func whatIsKeptIsThereTheNextTime() throws {
        let directory = try AuditCommandTests.Directory()
        let file = ColumnFile(environment: ["XDG_STATE_HOME": directory.file("state"), "HOME": "/nonexistent"])
        #expect(file.columns() == [])
        #expect(file.keep(["name", "email"]) == nil)
        #expect(file.keep(["email", "name", "team"]) == nil)
        #expect(
            ColumnFile(environment: ["XDG_STATE_HOME": directory.file("state")]).columns() == ["email", "name", "team"])
    }

    @Test func whereNothingCanBeKeptThatIsSaid() throws {
        let directory = try AuditCommandTests.Directory()
        #expect(ColumnFile(environment: [:]).keep(["name"])?.contains("no home directory") == true)
        // A file stands where the directory should.
        let home = ColumnFile(environment: ["HOME": "/dev/null"])
        #expect(home.keep(["name"])?.contains("/dev/null/.local/state/convonet-admin/columns") == true)
        #expect(home.columns() == [])
        // A relative directory is not obeyed.
        #expect(
            ColumnFile(environment: ["XDG_STATE_HOME": "here", "HOME": directory.path]).path?.hasPrefix(directory.path)
                == true)
    }
}
