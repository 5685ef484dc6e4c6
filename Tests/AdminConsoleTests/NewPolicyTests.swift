import AccountPolicy
import ConvonetCore
import TerminalKit
import Testing

@testable import AdminConsole
@testable import ConsoleParts

/// The policy that changed while the console was open: each dialog has the one that is in force.
@Suite struct NewPolicyTests {
    @Test func aDialogAsksForWhatThePolicyAsksForNow() throws {
        let driver = ConsoleDriver()
        var policy = driver.console.shared.context.policy
        policy.verificationMethods = [VerificationMethod(parsing: "callback"), VerificationMethod(parsing: "badge")]
        policy.allowsTyped = false
        driver.world.policy = policy
        try driver.press("p")
        #expect(driver.text().contains("Caller verified by"))
        #expect(driver.console.reset?.options.map(\.option) == ["Generate", "Code"])
    }

    /// The second of three methods was chosen, and there is one now.
    @Test func whatWasChosenOfAnotherListIsChosenAnew() throws {
        let driver = ConsoleDriver()
        var policy = driver.console.shared.context.policy
        policy.verificationMethods = ["callback", "badge", "passport"].map { VerificationMethod(parsing: $0) }
        driver.world.policy = policy
        driver.world.endings = [.success(.conflict)]
        try driver.press("p<Tab><Right><Right><Right><Tab>")
        #expect(driver.console.reset?.form.choice(.verifiedBy) == 2)
        policy.verificationMethods = [VerificationMethod(parsing: "badge")]
        driver.world.policy = policy
        try driver.press("<Tab><Tab>yes<Enter>")
        #expect(driver.changes.count == 1)
        #expect(driver.console.reset?.form.choice(.verifiedBy) == nil)
        try driver.press("yes<Enter>")
        #expect(driver.changes.count == 1)
    }

    @Test func aTypedPasswordGoesWhereTypingIsNotAllowedAnyMore() throws {
        let driver = ConsoleDriver()
        driver.world.endings = [.success(.conflict)]
        try driver.press("p<Right><Enter>kdfj-eorj-3939-wqpz<Enter>kdfj-eorj-3939-wqpz<Enter>")
        var policy = driver.console.shared.context.policy
        policy.allowsTyped = false
        driver.world.policy = policy
        try driver.press("yes<Enter>")
        #expect(
            driver.console.reset?.chosen.value == .generatedPassword
                && driver.console.reset?.form.secret(.secret).isEmpty == true)
    }
}
