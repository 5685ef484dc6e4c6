import ConvonetDatabase
import FoundationEssentials
import TestDatabase
import Testing

@testable import ConvonetSchema

/// The SQL that the program carries is the SQL that lies in its source.
@Suite struct SchemaSourceTests {
    /// A file that nobody named in `CSchema.c` would never be carried out.
    @Test func everyFileOfSQLIsCarriedOnce() throws {
        let directories = ["ConvonetSchema/SQL", "CSchema/Steps"].map { "\(SourceTree.root)/Sources/\($0)" }
        let written = try directories.flatMap { directory in
            try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".sql") }
                .map { String(decoding: try SourceTree.contents(of: "\(directory)/\($0)"), as: UTF8.self) }
        }
        let carried =
            SchemaSource.steps(from: 0) + SchemaSource.functions + SchemaSource.views
            + [
                SchemaSource.handFunctions, SchemaSource.readerFunctions, SchemaSource.teamsView,
                SchemaSource.ownerViews, SchemaSource.grants,
            ]
        #expect(carried.map { String(decoding: $0, as: UTF8.self) }.sorted() == written.sorted())
    }

    /// Behind each statement within which the application's code can run, nothing is looked up before the settings are: an operator
    /// would be found along a path that such code left.
    @Test(arguments: [SchemaSource.handFunctions, SchemaSource.readerFunctions])
    func nothingIsLookedUpAlongAPathThatWasLeft(file: [UInt8]) throws {
        let text = String(decoding: file, as: UTF8.self).replacing(#/--[^\n]*/#, with: "")
        let foreign =
            #/(\{\{(users|memberships|phone_numbers|column_updates)\}\}|SET CONSTRAINTS ALL IMMEDIATE)[^;]*;?/#
        let harmless = #/^(?:\s|END CASE;|END IF;|ELSIF step = \d THEN|ELSE|GET DIAGNOSTICS \w+ = ROW_COUNT;)*/#
        // The next step of a loop that has the guard at its end is as good as that.
        let ends = ["{{settings_kept}}", "{{undo}}", "{{looked}}", "RAISE EXCEPTION USING ERRCODE = 'CA099'"]
        let steps = ["SELECT CASE p_column", "CASE p_column", "SET CONSTRAINTS ALL IMMEDIATE"]
        let found = text.matches(of: foreign)
        #expect(found.count >= 3)
        for match in found {
            let rest = text[match.range.upperBound...].replacing(harmless, with: "")
            #expect((ends + steps).contains { rest.hasPrefix($0) }, "\(match.output.0): \(rest.prefix(80))")
        }
    }

    /// Whichever way they are left, such code's statements are forgotten; and each statement is read once a call, before such code runs
    /// while it is planned.
    @Test(arguments: [SchemaSource.handFunctions, SchemaSource.readerFunctions])
    func eachForgetsOnEveryWayOut(file: [UInt8]) {
        let text = SchemaSource.text(file, users: .usersConvonet, roles: nil)
        #expect(
            FunctionSignature.all(in: file).count == text.split(separator: "END IF;\n    RAISE;\nEND\n$$;").count - 1
        )
        #expect(PinnedSettings.values.contains { $0.name == "plan_cache_mode" && $0.value == "force_custom_plan" })
        #expect(PinnedSettings.guardStatement.contains("plan_cache_mode"))
    }
}
