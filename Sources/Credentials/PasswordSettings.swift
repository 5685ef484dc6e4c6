/// What the settings of one machine say of new passwords; the rules that all share are the policy's.
public struct PasswordSettings: Sendable {
    /// What passwords that are made up look like.
    public var form = PasswordForm.letters
    /// The list of leaked passwords.
    public var breached = BreachedPasswords.none

    /// Letters, and no list.
    public init() {}

    /// Each as it is set.
    public init(form: PasswordForm, breached: BreachedPasswords) {
        self.form = form
        self.breached = breached
    }
}
