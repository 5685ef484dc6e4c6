import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// Where nothing is shown that could change, nothing is read for it, an hour long.
@Suite struct QuietTests {
    /// Every screen, and dialogs and menus over it.
    private static let ways = [
        "", "/an", "<Enter>", "A", "A<Enter>", "a", "w", "S", "f", "s", "C", "?", ":pin bo", "i", "i<Enter>", "p", "v",
        "l",
        "<Space>x",
        "<Enter>i", "w<Enter>",
    ]

    private func driver(
        _ way: String, mayDecide: Bool = true, idleTime: IdleTime = IdleTime(coverAfter: nil), isLinear: Bool = false
    ) throws -> ConsoleDriver {
        var world = FakeWorld.few
        world.events = [.example(2), .example(1)]
        world.approvals = [FakeWorld.request(12)]
        let driver = ConsoleDriver(world, mayDecide: mayDecide, idleTime: idleTime, isLinear: isLinear)
        // Out of the list of requests, which a supervisor sees first.
        try driver.press((mayDecide ? "<Esc>" : "") + way)
        return driver
    }

    private func expectQuiet(_ driver: ConsoleDriver, _ way: String, at location: SourceLocation = #_sourceLocation) {
        let (effects, text) = (driver.effects.count, driver.text())
        _ = driver.heard()
        driver.pass(seconds: 3600)
        let more = driver.effects.dropFirst(effects)
        #expect(more.isEmpty, "“\(way)”: \(more.count), such as \(more.prefix(2))", sourceLocation: location)
        #expect(driver.text() == text && driver.heard().isEmpty, "“\(way)”", sourceLocation: location)
    }

    @Test(arguments: ways) func underTheCover(way: String) throws {
        let driver = try driver(way, idleTime: IdleTime(coverAfter: 60))
        driver.pass(seconds: 65)
        #expect(driver.console.shared.isCovered)
        expectQuiet(driver, way)
    }

    @Test(arguments: ways) func whereTheWindowIsTooSmall(way: String) throws {
        let driver = try driver(way)
        driver.pass(seconds: 5)
        driver.resize(30, 8)
        expectQuiet(driver, way)
        // What became due meanwhile is read as soon as it can be seen.
        let effects = driver.effects.count
        driver.resize(80, 24)
        #expect(driver.effects.count > effects, "“\(way)”")
    }

    /// An operator without a request of their own: of a supervisor something may be asked, and that is told.
    @Test(arguments: ways.filter { $0 != "i<Enter>" && $0 != "w<Enter>" }) func toldLineByLine(way: String) throws {
        let driver = try driver(way, mayDecide: false, isLinear: true)
        driver.pass(seconds: 30)
        expectQuiet(driver, way)
    }
}
