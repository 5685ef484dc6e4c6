/// What passwords that are made up look like. Both are accepted under the policy, whatever it asks for.
public enum PasswordForm: String, CaseIterable, Sendable {
    /// Groups of four letters and digits, such as `Kmwp-7d4x-9rtv-h3kc`: 68 bits.
    case letters
    /// Five words, such as `kettle-orbit-amaze-canyon-lettuce`: 55 bits.
    case words
}
