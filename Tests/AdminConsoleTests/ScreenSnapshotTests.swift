import ConvonetCore
import ConvonetDatabase
import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Every screen and stage as a picture in text.
@Suite struct ScreenSnapshotTests {
    /// A screen: the keys that lead to it, and the world that it is in.
    struct Scene: Sendable, CustomTestStringConvertible {
        var name: String
        var keys: String
        var sizes = [Size(columns: 80, rows: 24)]
        var endings: [Result<FakeWorld.Ending, AdminError>] = []
        var prepare: @Sendable (inout FakeWorld) -> Void = { _ in }
        var touchesBeforeEnter = false

        var testDescription: String { name }
    }

    private static let normal = Size(columns: 80, rows: 24)
    private static let small = Size(columns: 40, rows: 10)
    private static let large = Size(columns: 120, rows: 40)
    private static let justNow = HistoryEntry(
        sequence: 41, occurredAt: Timestamp(microseconds: FakeWorld.now.microseconds - 1_200_000_000),
        action: "reset_password", outcome: "done", actor: ActorName(databaseUser: "bert"))
    private static let password = "Kmwp-7d4x-9rtv-h3qe"

    private static let scenes: [Scene] = [
        Scene(name: "list", keys: "", sizes: [normal, small, large]),
        Scene(name: "list-empty", keys: "", prepare: { $0.accounts = [] }),
        Scene(name: "list-error", keys: "", prepare: { $0.failure = .database(.connectionLost(afterSending: false)) }),
        Scene(name: "list-hostile", keys: "", sizes: [normal, small], prepare: { $0 = .hostile }),
        Scene(
            name: "list-many", keys: "<PgDn><PgDn><PgDn>", sizes: [normal, small, large], prepare: { $0 = .many(5000) }),
        Scene(name: "marked", keys: "<Space><Space><Space>", sizes: [normal, small]),
        Scene(name: "marked-change", keys: "<Space><Space><Space>x", sizes: [normal, small]),
        Scene(name: "marked-review", keys: "*x<Enter><Enter><Enter>", sizes: [normal, small, large]),
        Scene(name: "marked-outcomes", keys: "*x<Enter><Enter><Enter>yes 4<Enter>", sizes: [normal, small]),
        Scene(name: "search", keys: "/ber", sizes: [normal, small]),
        Scene(name: "search-nobody", keys: "/nobody"),
        Scene(
            name: "search-alike", keys: "/stine", sizes: [normal, small, large],
            prepare: { $0.alike = [FakeWorld.id(2), FakeWorld.id(3)] }),
        Scene(
            name: "alike-reset", keys: "/stine<Enter>v", sizes: [normal, small],
            prepare: { $0.alike = [FakeWorld.id(2)] }),
        Scene(name: "person", keys: "<Enter>", sizes: [normal, small, large]),
        Scene(name: "person-external", keys: "<Down><Down><Down><Enter>"),
        Scene(name: "person-inactive-history", keys: "<Down><Enter>", prepare: { $0.history = history }),
        Scene(name: "person-hostile", keys: "<Down><Enter>", prepare: { $0 = .hostile }),
        Scene(name: "person-long", keys: "<End><Enter>", sizes: [normal, small], prepare: { $0 = .hostile }),
        Scene(
            name: "person-teams", keys: "<Enter>",
            prepare: { $0.teams = [TeamMembership(team: "Support", role: "admin")] }),
        Scene(name: "person-just-reset", keys: "<Enter>", prepare: { $0.history = [justNow] }),
        Scene(name: "actions", keys: "?", sizes: [normal, small, large]),
        Scene(name: "actions-found", keys: "?pin", sizes: [normal, small]),
        Scene(name: "filter", keys: "f<Space><Down><Down><Down><Down><Down><Right>", sizes: [normal, small]),
        Scene(name: "filtered", keys: "f<Space><Enter>", sizes: [normal, small]),
        Scene(name: "sort", keys: "s<Down><Space>"),
        Scene(name: "sorted", keys: "s<Down><Space><Enter>"),
        Scene(name: "copy", keys: "y", sizes: [normal, small]),
        Scene(name: "copied", keys: "y<Down><Enter>"),
        Scene(
            name: "log", keys: "A", sizes: [normal, small, large], prepare: { $0.events = [.example(2), .example(1)] }),
        Scene(
            name: "log-search", keys: "A/t-12", sizes: [normal, small, large],
            prepare: { $0.events = [.example(2), .example(1)] }),
        Scene(
            name: "log-search-filtered", keys: "Af<Tab><Tab><Tab><Right><Right><Enter>/t-12<Tab>",
            sizes: [normal, small],
            prepare: { $0.events = [.example(2), .example(1)] }),
        Scene(name: "log-search-nothing", keys: "A/nothing", sizes: [normal, small]),
        Scene(name: "search-filtered-out", keys: "f<Space><Enter>/anna", sizes: [normal, small]),
        Scene(name: "search-id", keys: "/70-8a28", sizes: [normal, small]),
        Scene(
            name: "log-event", keys: "A<Enter>", sizes: [normal, small, large], prepare: { $0.events = [.example(1)] }),
        Scene(name: "pin-link", keys: "l2", sizes: [normal, small]),
        Scene(name: "deactivate", keys: "x", sizes: [normal, small]),
        Scene(
            name: "deactivated", keys: "xyes<Enter>", endings: [.success(.done(secret: nil))]),
        Scene(
            name: "approvals", keys: "w", sizes: [normal, small, large],
            prepare: { $0.approvals = [FakeWorld.request(12), FakeWorld.ownRequest(11)] }),
        Scene(
            name: "approval", keys: "w<Enter><Right>", sizes: [normal, small, large],
            prepare: { $0.approvals = [FakeWorld.request(12)] }),
        Scene(
            name: "approval-long", keys: "w<Enter><Right>", sizes: [normal, small],
            prepare: { world in
                world = .hostile
                let last = world.accounts[world.accounts.count - 1]
                world.approvals = [FakeWorld.request(12, for: last.email) { $0.accountID = last.id }]
            }),
        Scene(name: "caller", keys: "i", sizes: [normal, small], prepare: { $0.caller.needed = 2 }),
        Scene(
            name: "caller-phone", keys: "i<Right>", sizes: [normal, small],
            prepare: { $0.caller = CallerState(needed: 2, phone: "…42") }),
        Scene(
            name: "caller-code", keys: "i<Enter>482", sizes: [normal, small, large], prepare: { $0.caller.needed = 2 }),
        Scene(
            name: "caller-wrong", keys: "<End>i<Enter>000000<Enter>", sizes: [normal, small],
            prepare: {
                $0 = .hostile
                $0.caller.needed = 2
            }),
        Scene(
            name: "caller-proven", keys: "<Enter>i<Enter>482913<Enter>", sizes: [normal, small],
            prepare: { $0.caller.needed = 2 }),
        Scene(
            name: "statistics", keys: "S", sizes: [normal, small, large], prepare: { $0.tallies = FakeWorld.tallies }),
        Scene(
            name: "statistics-operators", keys: "S2<Down>", sizes: [normal, small, large],
            prepare: { $0.tallies = FakeWorld.tallies }),
        Scene(
            name: "statistics-hours", keys: "S3<End>", sizes: [normal, small],
            prepare: { $0.tallies = FakeWorld.tallies }),
        Scene(
            name: "statistics-period", keys: "Sf<Tab><Right>", sizes: [normal, small],
            prepare: { $0.tallies = FakeWorld.tallies }),
        Scene(name: "statistics-none", keys: "S", sizes: [normal, small]),
        Scene(name: "approvals-none", keys: "w"),
        Scene(name: "log-empty", keys: "a"),
        Scene(
            name: "own-change", keys: "",
            prepare: { $0.ownChanges = [RecentChange(accountEmail: "anna.berg@example.org", entry: justNow)] }),
        Scene(name: "password-just-reset", keys: "p", prepare: { $0.history = [justNow] }),
        Scene(name: "pin", keys: "v", sizes: [normal, small, large]),
        Scene(name: "pin-confirm", keys: "v<Enter>yes", sizes: [normal, small]),
        Scene(name: "pin-typed", keys: "v<Right><Tab>834512<Tab>8345", sizes: [normal, small]),
        Scene(name: "pin-typed-easy", keys: "v<Right><Tab>123456"),
        Scene(name: "pin-typed-letters", keys: "v<Right><Tab>12ab"),
        Scene(name: "pin-clear", keys: "v<Right><Right>", sizes: [normal, small]),
        Scene(name: "pin-not-yes", keys: "v<Enter>y<Enter>", sizes: [normal, small]),
        Scene(
            name: "pin-refused", keys: "v<Right><Tab>834512<Tab>834512<Enter>yes<Enter>", sizes: [normal, small],
            endings: [
                .success(
                    .refused("This PIN cannot be had. Issue one instead, or type another.", rule: "pin_unavailable"))
            ]),
        Scene(
            name: "pin-receipt", keys: "v<Enter>yes<Enter>", sizes: [normal, small, large],
            endings: [.success(.done(secret: "482913"))]),
        Scene(
            name: "pin-receipt-one-esc", keys: "v<Enter>yes<Enter><Esc>", endings: [.success(.done(secret: "482913"))]),
        Scene(
            name: "pin-conflict", keys: "v<Enter>yes<Enter>", sizes: [normal, small], endings: [.success(.conflict)],
            touchesBeforeEnter: true),
        Scene(
            name: "pin-unknown", keys: "v<Enter>yes<Enter>", sizes: [normal, small], endings: [.success(.unknown)]),
        Scene(name: "pin-failed", keys: "v<Enter>yes<Enter>", endings: [.success(.failed)]),
        Scene(name: "password", keys: "p", sizes: [normal, small]),
        Scene(name: "password-typed", keys: "p<Right><Tab>\(password)<Tab>\(password)", sizes: [normal, small]),
        Scene(name: "password-revealed", keys: "p<Right><Tab>\(password)<C-r>"),
        Scene(name: "password-weak", keys: "p<Right><Tab>kvzhqw", sizes: [normal, small]),
        Scene(name: "password-blocked", keys: "p<Right><Tab>password1"),
        Scene(name: "password-own-name", keys: "p<Right><Tab>anna-mountain-7"),
        Scene(name: "password-external", keys: "<Down><Down><Down>p"),
        Scene(name: "password-inactive", keys: "<Down>p", sizes: [normal, small]),
        Scene(
            name: "password-receipt", keys: "p<Enter>yes<Enter>", sizes: [normal, small],
            endings: [.success(.done(secret: password))]),
        Scene(name: "password-hostile", keys: "<Down>p", sizes: [normal, small], prepare: { $0 = .hostile }),
        Scene(name: "password-long", keys: "<End>p", sizes: [normal, small], prepare: { $0 = .hostile }),
        Scene(name: "too-small", keys: "", sizes: [Size(columns: 39, rows: 10), Size(columns: 12, rows: 4)]),
    ]

    private static let history = [
        HistoryEntry(
            sequence: 41, occurredAt: FakeWorld.moment(daysAgo: 1), action: "reset_password", outcome: "done",
            actor: ActorName(databaseUser: "anna"), reason: "forgot it", ticket: "T-17"),
        HistoryEntry(
            sequence: 12, occurredAt: FakeWorld.moment(daysAgo: 90), action: "set_voice_pin", outcome: "refused",
            rule: "pin_unavailable", actor: ActorName(databaseUser: "bea", claimedSystemUser: "desk")),
    ]

    @Test(arguments: scenes) func looksAsItDid(_ scene: Scene) throws {
        for size in scene.sizes {
            var world = FakeWorld.few
            scene.prepare(&world)
            world.endings = scene.endings
            let driver = ConsoleDriver(world, columns: size.columns, rows: size.rows)
            let keys = try KeyText.keys(scene.keys)
            for (index, key) in keys.enumerated() {
                if scene.touchesBeforeEnter, index == keys.count - 1 {
                    driver.world.touch(1) { $0.lastLoginAt = FakeWorld.now }
                }
                driver.press(key)
            }
            SnapshotFile.expect(driver.screen(), "\(scene.name)-\(size.columns)x\(size.rows)")
        }
    }

    @Test func theHeaderNamesEnvironmentAndWarning() {
        let driver = ConsoleDriver(
            rows: 10, readOnlyReason: "Only looking.", environment: EnvironmentLabel("production"),
            warning: "server not verified")
        SnapshotFile.expect(driver.screen(), "header-80x10")
    }

    @Test func whileItIsWrittenTheDialogSaysSo() throws {
        let driver = ConsoleDriver()
        try driver.press("v<Enter>yes")
        driver.isWaiting = true
        try driver.press("<Enter>")
        SnapshotFile.expect(driver.screen(), "pin-working-80x24")
    }
}
