import AccountPolicy
import ConvonetDatabase
import Credentials
import OperatingSystem
import PostgresClient

extension AccountEditor {
    /// A new value as it is sent.
    struct ReadyValue {
        /// The function's argument with a comma before it; empty where it takes none.
        var argument: Statement = ""
        /// What the policy calls weak, and was let through.
        var weaknesses: [PasswordRule] = []
        /// What was made up, to be shown once it is done.
        var made: Secret?
    }

    /// Makes the value up, or judges what was typed; bcrypt is computed here.
    func readyValue(
        of change: AccountChange, by rules: PolicyReading
    ) async throws(AdminError) -> Result<ReadyValue, CredentialFailure> {
        let typed = change.action.secret
        switch change.action.kind.value {
        case .none, .drawnPIN: return .success(ReadyValue())
        case .replaced: return .success(ReadyValue(argument: ", \(change.action.receipt ?? 0)::bigint"))
        case .state(let isOn): return .success(ReadyValue(argument: ", \(isOn)"))
        case .typedText:
            let text = Parameter.text(
                utf8: typed.map { $0.withBytes { bytes in bytes.indices.map { bytes[$0] } } } ?? [])
            return .success(ReadyValue(argument: ", \(text)"))
        case .generatedPassword:
            let password = try generatePassword(for: change.account, by: rules)
            return .success(ReadyValue(argument: try await hashed(password, rules), made: password))
        case .generatedCode:
            let code = ResetCode.generate()
            return .success(ReadyValue(argument: try await hashed(code, rules), made: code))
        case .typedPassword:
            let entered = typed ?? Secret(utf8: [])
            func argument() async throws(AdminError) -> Statement { try await hashed(entered.composed, rules) }
            switch assess(entered, for: change.account, by: rules).verdict(allowWeak: change.action.allowsWeak) {
            case .refused(let finding): return .failure(CredentialFailure(finding))
            case .accepted: return .success(ReadyValue(argument: try await argument()))
            case .acceptedAsWeak(let weaknesses):
                return .success(ReadyValue(argument: try await argument(), weaknesses: weaknesses))
            }
        }
    }

    private func generatePassword(for account: Account, by rules: PolicyReading) throws(AdminError) -> Secret {
        do {
            return try rules.generatePassword(passwordForm, for: account.passwordContext)
        } catch {
            throw .credential(error)
        }
    }

    /// bcrypt takes a fifth of a second of one core, so it runs on a thread that nothing else waits for.
    private func hashed(_ secret: Secret, _ rules: PolicyReading) async throws(AdminError) -> Statement {
        let cost = rules.policy.password.bcryptCost
        return try await database.translating(.changeCredentials) {
            let hash = try await withCheckedThrowingContinuation { continuation in
                detachThread {
                    continuation.resume(with: Result { try BcryptHasher(cost: cost).hash(secret) })
                }
            }
            return ", \(hash.text)"
        }
    }
}
