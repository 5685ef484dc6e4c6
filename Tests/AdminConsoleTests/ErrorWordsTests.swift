import ConvonetDatabase
import PostgresClient
import Testing

@testable import ConsoleParts

/// Whoever works in the console has no shell at hand.
@Suite struct ErrorWordsTests {
    @Test(arguments: [
        (AdminError.accountUnknown("nobody"), "Press /, or type :search TEXT."),
        (.approvalUnknown(7), "Press w, then f."),
        (.outcomeUnknown(.decideApprovals, .lost(nil)), "Press w, then f."),
    ])
    func theNextStepIsAKeyWhereThereIsOne(error: AdminError, key: String) {
        #expect(error.inConsole.hasSuffix(" " + key))
        #expect(!error.description.contains(key) && !error.inConsole.contains("convonet-admin"))
    }
}
