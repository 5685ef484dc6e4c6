import ConsoleRequests
import ConvonetCore
import ConvonetDatabase
import PostgresClient
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// A walk that can be repeated: SplitMix64, by its published constants.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct RandomWalkTests {
    private static let keys: [Key] = {
        let characters = "yespvqr/?:jkgGw 12éü王xmwfcaAS".map { Key.character($0) } + [.character("\u{FFFD}")]
        let named: [Key] = [
            .enter, .enter, .tab, .backTab, .escape, .escape, .backspace, .delete, .up, .down, .left, .right, .pageUp,
            .pageDown, .home, .end, .function(1), .function(5), .insert,
        ]
        return characters + named + "cdgloruz".map { Key.control($0) }
    }()

    /// A hundred thousand keys in ten walks, the first of them a new one every time.
    @Test(arguments: [nil, 1, 2, 11, 4, 5, 12, 7, 8, 9] as [UInt64?])
    func noSequenceOfKeysSendsWithoutYesOrBreaksTheScreen(_ given: UInt64?) throws {
        let seed = given ?? UInt64.random(in: 1...UInt64.max)
        var random = SeededGenerator(state: seed)
        var world = FakeWorld.many(400)
        world.approvals = (1...9).reversed().map { FakeWorld.request($0) }
        world.tallies = FakeWorld.tallies
        world.events = (1...30).reversed().map { .example($0) }
        var driver = ConsoleDriver(world)
        var sent = 0
        for step in 0..<10_000 {
            if driver.hasQuit { driver = ConsoleDriver(world) }
            let key: Key
            switch Int.random(in: 0..<200, using: &random) {
            case 0:
                driver.resize(Int.random(in: 1...130, using: &random), Int.random(in: 1...50, using: &random)); continue
            case 1: driver.paste("yes\n王\u{202E}"); continue
            case 2: driver.isWaiting.toggle(); if !driver.isWaiting { driver.answer() }; continue
            case 3: driver.pass(seconds: 11); continue
            case 4: driver.world.touch(Int.random(in: 0..<20, using: &random)); continue
            case 5...14 where driver.console.reset?.stage == .form:
                // Otherwise chance would hardly ever write the word.
                for _ in 0..<9 where driver.console.reset?.form.focus != .confirmation { driver.press(.tab) }
                for letter in "yes" { driver.press(.character(letter)) }
                if Bool.random(using: &random) { continue }
                key = .enter
            case 15...36: key = .enter
            default: key = Self.keys.randomElement(using: &random) ?? .enter
            }
            let endings: [Result<FakeWorld.Ending, AdminError>] = [
                .success(.done(secret: "482913")), .success(.conflict), .success(.unknown), .success(.failed),
                .success(.refused("No.", rule: "pin_unavailable")), .failure(.database(.timedOut)),
            ]
            driver.world.endings = [endings.randomElement(using: &random) ?? endings[0]]
            let dialog = driver.console.reset
            let menu = driver.console.menu
            let before = driver.effects.count
            driver.press(key)
            for change in driver.effects[before...].compactMap({ $0.asks(for: Change.self) }) {
                sent += 1
                let isConfirmed =
                    key == .enter && dialog?.stage == .form && dialog?.form.focus == .confirmation
                    && dialog?.form.text(.confirmation) == "yes" && dialog?.account == change.account
                #expect(isConfirmed, "seed \(seed), step \(step)")
            }
            for decision in driver.effects[before...].compactMap({ $0.asks(for: Decide.self) }) {
                guard key == .enter, let form = menu as? DecisionForm else {
                    Issue.record("seed \(seed), step \(step): decided without a form")
                    return
                }
                #expect(
                    form.form.text(.confirmation) == "yes" && form.request == decision.approval,
                    "seed \(seed), step \(step)")
            }
            // Drawing costs the most; of what is walked through, a third is looked at.
            guard step % 3 == 0 else { continue }
            let screen = driver.screen()
            let isInside =
                screen.cursor.map {
                    (0..<driver.size.columns).contains($0.column) && (0..<driver.size.rows).contains($0.row)
                } ?? true
            #expect(
                isInside, "seed \(seed), step \(step): cursor \(String(describing: screen.cursor)) in \(driver.size)")
            if !isInside { return }
        }
        // By chance a walk of its own may confirm nothing; those with a seed are known to.
        #expect(given == nil || sent > 0, "seed \(seed)")
    }
}
