package import Credentials
internal import OperatingSystem
package import SchemaMaintenance

/// Looks at this machine's list of leaked passwords, as `doctor` does.
package struct BreachedListExamination {
    /// The list that the settings name.
    package var path: String?
    /// The policy; nil where it could not be read.
    package var policy: PasswordPolicy?

    /// Looks at a list by a policy.
    package init(path: String?, policy: PasswordPolicy?) { (self.path, self.policy) = (path, policy) }

    /// Nil where neither settings nor policy know of a list.
    package func finding() -> Finding? {
        let check = "breached-passwords"
        if let required = policy?.breachedList, !required.isEmpty {
            do {
                _ = try BreachedPasswords(path: path).list(of: required)
                return Finding(check, "Typed passwords are held against \(path ?? ""), as the policy requires.")
            } catch {
                return Finding(
                    check, .problem, error.reason, mend: BreachedPasswords.Unavailable.next(required: required))
            }
        }
        guard let path else { return nil }
        do {
            let list = try BreachedList(opening: path, of: .settings)
            guard policy != nil else {
                return Finding(
                    check, .warning,
                    "\(path) can be used (fingerprint \(list.fingerprint)); whether the policy requires it is unknown.",
                    mend: "Make a connection possible first.")
            }
            return Finding(
                check, .warning,
                "\(path) can be used (fingerprint \(list.fingerprint)), but the policy does not require it: it is not looked into.",
                mend: "convonet-admin policy set breached_passwords=\(list.fingerprint)")
        } catch {
            return Finding(
                check, .problem, "The list of leaked passwords \(path) \(error).",
                mend: "Take another file, or leave out breached_passwords.")
        }
    }
}
