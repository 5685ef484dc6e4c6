import AccountDisplay
import AccountPolicy
import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import Credentials
import OperatingSystem
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Going over to another database by `:env`: nobody takes one for the other, and nothing of the first comes along.
@Suite struct EnvironmentTests {
    private static let staging = EnvironmentLabel("staging", .green)
    private static let production = EnvironmentLabel("production", .red)
    private static let refused = "Cannot connect to the database at db.example.org, port 5432: connection refused."

    /// The people of production, of whom none is in staging.
    private static let others = FakeWorld(accounts: [
        FakeWorld.account(11, email: "pia.real@example.org", first: "Pia", last: "Real"),
        FakeWorld.account(12, email: "quinn.real@example.org", first: "Quinn", last: "Real"),
    ])

    private static func opening(_ label: EnvironmentLabel, _ world: FakeWorld, _ environments: Environments) -> Opening
    {
        var context = ConsoleContext(
            environment: label, place: "convonet on db.example.org",
            viewer: Viewer(databaseUser: "anna", systemUser: "anna"), rightsName: "operator", idleTime: IdleTime(),
            policy: .standard,
            assess: { PasswordAssessment.assess($0, policy: Policy.standard.password, context: $1.passwordContext) })
        context.environments = environments
        return Opening(
            FakeSession(world, policy: .standard), context, firstPage: nil, clock: ServerClock(saying: FakeWorld.now))
    }

    /// Two databases that are there, and one that is not.
    private static func environments() -> Environments {
        Environments([production, staging, EnvironmentLabel("practice")]) { name in
            switch name {
            case "production": .success(opening(production, others, environments()))
            case "staging": .success(opening(staging, .few, environments()))
            case "practice": .failure(OpeningFailure(refused))
            default:
                .failure(OpeningFailure("There is no environment “\(name)”. The settings file names “production”."))
            }
        }
    }

    private func driver(
        columns: Int = 80, rows: Int = 24, world: FakeWorld = .few, isLinear: Bool = false, showsColours: Bool = true,
        idleTime: IdleTime = IdleTime(coverAfter: nil)
    ) -> ConsoleDriver {
        ConsoleDriver(
            world, columns: columns, rows: rows, environment: Self.staging, environments: Self.environments(),
            idleTime: idleTime, isLinear: isLinear, showsColours: showsColours)
    }

    private func name(_ driver: ConsoleDriver) -> String? { driver.console.shared.context.environment?.name }

    @Test func theChoiceIsShownWithTheOneInUse() throws {
        let driver = driver()
        try driver.press(":env")
        let lines = driver.text().split(separator: "\n")
        #expect(lines.contains { $0.contains("staging (green)") && $0.contains("you are here") })
        #expect(lines.contains { $0.contains("production (red)") && !$0.contains("you are here") })
        try driver.press("<Enter>")
        #expect(driver.console.overlay is ActionPalette && name(driver) == "staging")
        try driver.press("<Esc>?go over to another<Enter>")
        #expect(driver.text().contains("you are here"))
    }

    @Test func onceItAnswersNothingOfTheFirstIsLeft() throws {
        let driver = driver()
        driver.world.endings = [.success(.done(secret: "482913"))]
        driver.world.caller.needed = 2
        // A search, a change with its reason, a caller's code, the log, marks: all that a console keeps.
        try driver.press("/bob<Enter>v<Enter>yes<Enter><Esc><Esc><Esc>")
        try driver.press("<Esc>i<Enter><Esc><Space><Space>")
        let before = driver.console.shared
        #expect(!before.lastPeople.isEmpty && !before.searches.isEmpty && !before.callerKeys.isEmpty)
        #expect(!driver.console.screen.marked.isEmpty && driver.text().contains("anna.berg"))
        try driver.press(":env production<Enter>")
        #expect(name(driver) == "production")
        let after = driver.console.shared
        #expect(after.lastPeople.isEmpty && after.searches.isEmpty && after.callerKeys.isEmpty && after.alike.isEmpty)
        #expect(after.lastFields == nil && after.verification == nil && after.lost == nil)
        #expect(driver.console.screen.marked.isEmpty && driver.console.stack.count == 1)
        #expect(driver.console.trail.place(forward: false) == nil && driver.console.trail.place(forward: true) == nil)
        #expect(driver.text().contains("pia.real") && !driver.text().contains("anna.berg"))
        #expect(driver.text().contains("You are in production now. Nothing of staging is here any more."))
        #expect(driver.console.title.contains("(production)"))
        // Back there it is as if one came for the first time.
        try driver.press(":env staging<Enter>")
        #expect(name(driver) == "staging" && driver.console.screen.marked.isEmpty)
        #expect(driver.console.shared.searches.isEmpty)
    }

    /// Whatever is asked of the first database after that, nobody is shown its answer.
    @Test func anAnswerOfTheFirstReachesNobody() throws {
        let driver = driver()
        driver.isWaiting = true
        try driver.press("r:env production<Enter>")
        let late = driver.waiting
        #expect(late.count > 1)
        driver.isWaiting = false
        driver.answer(late.count - 1)
        #expect(name(driver) == "production" && driver.text().contains("pia.real"))
        // The numbers of requests begin anew: an old answer would find somebody who waits for another one.
        let screen = driver.screen()
        #expect(driver.waiting == Array(late.dropLast()))
        #expect(driver.screen() == screen && !driver.text().contains("anna.berg"))
        try driver.press("<Enter>")
        #expect(driver.console.person?.person.email == "pia.real@example.org")
    }

    /// What was typed before the new header was seen was meant for the former database.
    @Test func noKeyCountsBeforeTheOtherDatabaseIsSeen() throws {
        let driver = driver()
        driver.isFarAway = true
        try driver.press(":env production<Enter>")
        #expect(driver.effects.contains(.awaitPaint))
        try driver.press("v<Enter>yes<Enter>")
        #expect(driver.console.reset == nil && driver.console.stack.count == 1)
        driver.show()
        try driver.press("<Enter>")
        #expect(driver.console.person != nil)
    }

    @Test func whereItCannotBeReachedThatIsSaidAndNothingChanges() throws {
        let driver = driver()
        try driver.press("<Space>/bob<Tab>:env practice<Enter>")
        #expect(driver.console.overlay is ActionPalette)
        #expect(driver.text().contains("connection refused"))
        #expect(name(driver) == "staging" && driver.left.isEmpty)
        try driver.press("<Esc>")
        #expect(driver.console.list.selection.text == "bob" && driver.console.screen.marked.count == 1)
    }

    @Test(arguments: [("prod", "There is no environment “prod”."), ("staging", "You are in staging.")])
    func whatNamesNoOtherIsSaidInTheLine(typed: String, words: String) throws {
        let driver = driver()
        try driver.press(":env \(typed)<Enter>")
        #expect(driver.console.overlay is ActionPalette && driver.text().contains(words))
        #expect(name(driver) == "staging" && driver.left.isEmpty)
    }

    @Test func tabCompletesTheOthers() throws {
        let driver = driver()
        try driver.press(":env p<Tab>")
        #expect(driver.text().contains("env production"))
        try driver.press("<Enter>")
        #expect(name(driver) == "production")
        // The one in use is not offered.
        try driver.press(":env s<Tab><Enter>")
        #expect(name(driver) == "staging")
    }

    /// Another key takes the wish back, also where the answer is on its way.
    @Test(arguments: ["x", "<Esc>", "<BS>", "<Up>"]) func anotherKeyCallsItOff(key: String) throws {
        let driver = driver()
        driver.isWaiting = true
        try driver.press(":env production<Enter>")
        #expect(driver.text().contains("opening…"))
        try driver.press(key)
        driver.answer()
        #expect(name(driver) == "staging" && driver.left.isEmpty)
        #expect(driver.effects.contains(.stop(OpenEnvironment.ownLane)))
    }

    @Test func nobodyComesElsewhereWhileTheScreenIsCovered() throws {
        let driver = driver(idleTime: IdleTime(coverAfter: 60))
        driver.isWaiting = true
        try driver.press(":env production<Enter>")
        driver.pass(seconds: 61)
        driver.answer()
        #expect(name(driver) == "staging" && driver.console.shared.isCovered)
        try driver.press("<Space>")
        #expect(driver.text().contains("Nobody was here when production answered."))
    }

    /// In a dialog the keys are text or nothing: there is no way to type a command.
    @Test(arguments: ["v", "p", "x", "*x", "i", "f", "y"]) func notWhileADialogIsOpen(way: String) throws {
        let driver = driver()
        try driver.press(way)
        let overlay = driver.console.stack.count
        try driver.press(":env production<Enter>")
        #expect(name(driver) == "staging" && driver.left.isEmpty)
        #expect(!(driver.console.overlay is ActionPalette) && driver.console.stack.count <= overlay)
    }

    @Test func notWhileADecisionIsUnderWay() throws {
        let driver = driver()
        driver.world.approvals = [FakeWorld.request(12)]
        try driver.press("w<Enter><Right><Tab>fine by me<Enter>yes")
        driver.isWaiting = true
        try driver.press("<Enter>:env production<Enter>")
        #expect(driver.console.shared.isDeciding)
        #expect(driver.text().contains("A change is under way here") && name(driver) == "staging")
        driver.answer()
        #expect(driver.decisions.count == 1)
        try driver.press("<Enter>")
        #expect(name(driver) == "production")
    }

    @Test func withoutOthersThereIsNoWay() throws {
        let driver = ConsoleDriver(environment: Self.staging)
        try driver.press(":env production<Enter>")
        #expect(driver.text().contains("names no other database"))
        let fixed = ConsoleDriver(
            environment: EnvironmentLabel("DATABASE_URL"),
            environments: Environments([Self.production], refusal: "DATABASE_URL names the database.") { _ in
                Issue.record("opened")
                return .failure(OpeningFailure(""))
            })
        try fixed.press(":env production<Enter>")
        #expect(fixed.text().contains("DATABASE_URL names the database."))
    }

    @Test func lineByLineAllOfTheOtherIsSaid() throws {
        let driver = driver(isLinear: true)
        #expect(driver.heard().contains("staging (green): accounts."))
        try driver.press(":env production")
        driver.pass(seconds: 2)
        _ = driver.heard()
        try driver.press("<Enter>")
        let heard = driver.heard()
        #expect(heard.contains("production (red): accounts."))
        #expect(heard.contains("pia.real") && !heard.contains("anna.berg"))
        #expect(heard.contains("You are in production now."))
        try driver.press("v")
        #expect(driver.heard().contains("production (red): "))
    }

    /// The name is on every screen and every dialog, also where that covers the header, and its colour without colours in words.
    @Test(arguments: [
        (80, 24, true), (40, 10, true), (80, 24, false), (40, 10, false), (120, 40, true), (41, 11, false),
    ])
    func theNameIsAlwaysInSight(columns: Int, rows: Int, showsColours: Bool) throws {
        for label in [Self.production, EnvironmentLabel("生产环境欧洲客户数据", .magenta), EnvironmentLabel("plain")] {
            for keys in [
                "", "<Enter>", "A", "w", "a", "?", "v", "p", "x", "l", "f", "s", "i", "*x", "*x<Enter><Enter><Enter>",
                "v<Enter>yes", "v<Enter>yes<Enter>", ":env",
            ] {
                let driver = ConsoleDriver(
                    columns: columns, rows: rows, environment: label, warning: "server not verified",
                    showsColours: showsColours)
                driver.world.endings = [.success(.done(secret: "482913"))]
                driver.world.approvals = [FakeWorld.request(12)]
                try driver.press(keys)
                let first = driver.text().split(separator: "\n").first ?? ""
                #expect(first.contains(" \(label.text(inColours: showsColours)) "), "\(keys) \(columns): \(first)")
                let style = driver.screen()
                #expect((0..<columns).contains { style[$0, 0].style == label.style }, "\(keys)")
            }
        }
    }

    @Test(arguments: [
        (80, 24, "", true), (40, 10, "", true), (80, 24, "", false), (40, 10, "", false), (40, 10, "x", true),
        (40, 10, "x", false), (80, 24, ":env", true), (40, 10, ":env", false),
    ])
    func looksAsItDid(columns: Int, rows: Int, keys: String, showsColours: Bool) throws {
        let driver = driver(columns: columns, rows: rows, showsColours: showsColours)
        try driver.press(":env production<Enter><Esc>" + keys)
        let what = keys.isEmpty ? "header" : keys == "x" ? "dialog" : "choice"
        let colours = showsColours ? "" : "-plain"
        SnapshotFile.expect(driver.screen(), "environment-\(what)\(colours)-\(columns)x\(rows)")
    }

    /// Those of yellow are told apart from it by the word alone where there are no colours.
    @Test func everyColourHasItsStyle() {
        #expect(Set(EnvironmentColour.allCases.map { EnvironmentLabel("x", $0).style }).count == 6)
        #expect(EnvironmentLabel("x").style == .environment)
    }
}
