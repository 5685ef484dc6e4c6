import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Every action on every screen: what is offered does something, and what is not says why.
@Suite struct ScreenActionTests {
    static let keys =
        [
            .enter, .escape, .up, .down, .pageUp, .pageDown, .home, .end, .control("l"), .control("o"), .control("z"),
            .tab,
        ]
        + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/[]?' *".map(Key.character)

    /// Where the selection moves there may be nowhere to go.
    private static let actions = ConsoleAction.allCases.filter {
        ![.up, .down, .pageUp, .pageDown, .first, .last].contains($0)
    }

    @Test(arguments: ["", "<Enter>", "A", "a", "A<Enter>", "w", "S"], actions)
    func anActionDoesSomethingOrSaysWhyNot(_ way: String, _ action: ConsoleAction) throws {
        var world = FakeWorld.few
        world.events = [.example(2), .example(1)]
        world.tallies = FakeWorld.tallies
        world.history = [
            HistoryEntry(
                sequence: 1, occurredAt: FakeWorld.now, action: "reset_password", outcome: "done",
                actor: ActorName(databaseUser: "bert"))
        ]
        let driver = ConsoleDriver(world)
        driver.world.approvals = [FakeWorld.request(12)]
        try driver.press(way)
        let reason = driver.console.unavailability(of: action)
        let (screen, effects) = (driver.screen(), driver.effects.count)
        guard let key = Self.keys.first(where: { ConsoleAction($0, on: driver.console.screen) == action }) else {
            // Its key does something else here.
            return #expect(reason != nil)
        }
        driver.press(key)
        if let reason {
            #expect(driver.console.shared.message?.text == (action == .back ? nil : reason))
        } else {
            #expect(driver.screen() != screen || driver.effects.count > effects)
        }
    }

    @Test(arguments: [
        ("w", "[", "This is for a person's page."), ("A", "]", "This is for a person's page."),
        ("A<Enter>", "[", "This is for a person's page."), ("A<Enter>", "C", "This is for the list of accounts (Esc)."),
        ("w", "V", "This is for the log (A)."), ("A", "A", "You are here."), ("S", "S", "You are here."),
        ("S", "V", "This is for the log (A)."),
        ("w", "w", "You are here."),
        ("a", "a", "You are here."), ("", "?open the account of the event<Enter>", "This is for the log (A) and"),
    ])
    func anActionFromElsewhereSaysWhereItBelongs(way: String, key: String, words: String) throws {
        let driver = ConsoleDriver()
        driver.world.events = [.example(1)]
        try driver.press(way + key)
        #expect(driver.text().contains(words))
    }
}
