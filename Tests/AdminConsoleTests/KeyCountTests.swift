import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts
@testable import ConvonetCore

/// How many keys the common jobs take; docs/PERFORMANCE.md has the table.
@Suite struct KeyCountTests {
    /// Three people of one name among others.
    private static let world = FakeWorld(accounts: [
        FakeWorld.account(1, email: "thomas.carter12@example.com", first: "Thomas", last: "Carter"),
        FakeWorld.account(2, email: "thomas.carter444@example.com", first: "Thomas", last: "Carter"),
        FakeWorld.account(3, email: "thomas.carter876@example.com", first: "Thomas", last: "Carter"),
        FakeWorld.account(4, email: "zornitsa.smirnov@example.com", first: "Zornitsa", last: "Smirnov"),
    ])

    @Test func aPINIsIssuedToWhoeverIsFoundByName() throws {
        let driver = ConsoleDriver(Self.world)
        driver.world.endings = [.success(.done(secret: "482913"))]
        let keys = try KeyText.keys("/zornitsa<Enter>vyes<Enter>")
        for key in keys { driver.press(key) }
        #expect(driver.changes.map(\.email) == ["zornitsa.smirnov@example.com"])
        #expect(driver.text().contains("4 8 2   9 1 3"))
        #expect(keys.count == 15)
    }

    @Test func aPasswordIsGeneratedForWhoeverIsFoundByAPastedAddress() throws {
        let driver = ConsoleDriver(Self.world)
        driver.world.endings = [.success(.done(secret: "Kmwp-7d4x-9rtv-h3qe"))]
        driver.paste("thomas.carter444@example.com")
        let keys = try KeyText.keys("<Enter>pyes<Enter>")
        for key in keys { driver.press(key) }
        #expect(driver.changes.map(\.email) == ["thomas.carter444@example.com"])
        // With the paste, which counts as one.
        #expect(keys.count + 1 == 7)
    }

    /// Found, proven and served, where the policy asks for proof.
    @Test func oneCallIsTwentyFiveKeys() throws {
        let driver = ConsoleDriver(Self.world)
        driver.world.caller = CallerState(needed: 2)
        driver.world.endings = [.success(.done(secret: "482913"))]
        let keys = try KeyText.keys("/zornitsa<Enter>i<Enter>\(FakeWorld.code)<Enter>v<Enter>yes<Enter>")
        for key in keys { driver.press(key) }
        #expect(driver.world.caller.proof?.points == 3)
        #expect(driver.changes.map(\.email) == ["zornitsa.smirnov@example.com"])
        #expect(driver.text().contains("4 8 2   9 1 3"), "\(driver.text())")
        #expect(keys.count == 25)
    }

    @Test func ofThreePeopleOfOneNameTheRightOneIsChosen() throws {
        let driver = ConsoleDriver(Self.world, columns: 120, rows: 40)
        driver.world.endings = [.success(.done(secret: "482913"))]
        var keys = try KeyText.keys("/thomas carter<Down>")
        for key in keys { driver.press(key) }
        driver.pass(seconds: 0.2)
        // The preview says who it is before anybody is opened.
        #expect(driver.text().contains("@thomas.carter444"))
        let rest = try KeyText.keys("<Enter>vyes<Enter>")
        for key in rest { driver.press(key) }
        keys += rest
        #expect(driver.changes.map(\.email) == ["thomas.carter444@example.com"])
        #expect(keys.count == 21)
    }

    @Test func twelvePeopleAreDeactivatedAtOnce() throws {
        let driver = ConsoleDriver(.many(12))
        driver.world.endings = Array(repeating: .success(.done(secret: nil)), count: 12)
        let keys = try KeyText.keys("*x<Enter><Enter><Enter>yes<Space>12<Enter>")
        for key in keys { driver.press(key) }
        #expect(driver.changes.count == 12)
        #expect(keys.count == 12)
    }

    @Test func whoWasOpenedBeforeIsTwoKeysAway() throws {
        let driver = ConsoleDriver(Self.world)
        try driver.press("<Enter><Esc><End><Enter>")
        let keys = try KeyText.keys("'<Enter>")
        for key in keys { driver.press(key) }
        #expect(driver.console.person?.person.email == "thomas.carter12@example.com")
        #expect(keys.count == 2)
    }

    @Test func theNextPersonIsOneKeyAway() throws {
        let driver = ConsoleDriver(Self.world)
        try driver.press("<Enter>]")
        #expect(driver.console.person?.person.email == "thomas.carter444@example.com")
    }

    @Test func aTicketIsFoundInTheLogFromAnywhere() throws {
        let driver = ConsoleDriver(Self.world)
        driver.world.events = [.example(2), .example(1)]
        let keys = try KeyText.keys(":log T-101<Enter>")
        for key in keys { driver.press(key) }
        #expect(driver.console.audit?.selection.text == "T-101")
        #expect(keys.count == 11)
    }
}
