/// What the functions of the schema go by for one action; `convonet_admin.actions()` has a row for each.
package struct ActionRules: Sendable {
    /// Which limit counts it.
    package enum Budget: String, Sendable {
        /// It gives somebody a new way in.
        case credential
        /// It sets a state.
        case state
    }

    /// When the policy that nothing may be typed forbids it.
    package enum Typing: String, Sendable {
        /// Always: what comes in was typed.
        case always
        /// Unless the program says that it made the value up: only a hash is seen.
        case unlessGenerated = "unless_generated"
    }

    /// The settings of the policy by which links alone are allowed; each is the rule by which others are refused.
    package enum OnlyByLink: String, Sendable {
        /// Passwords.
        case passwords = "links_only"
        /// Voice PINs.
        case voicePINs = "pins_by_link_only"
    }

    /// The function that does it once nothing is in the way: of the attempt, the value and the claims.
    package var applies: String
    /// The column of the users' table that it writes; nil for none.
    package var column: WrittenColumn?
    /// The fixed value that it gives the column; nil where each change brings its own.
    package var value: String?
    /// Which limit counts it; nil for none.
    package var budget: Budget?
    /// Whether it puts another password or PIN in place of one, so that it is in the way of whoever saw the account before.
    package var replacesCredential = false
    /// Whether the person is told by mail, where the policy wants that.
    package var isNotified = false
    /// When it is refused because nothing may be typed; nil for never.
    package var typing: Typing?
    /// The setting by which it is refused, since a link takes its place; nil for none.
    package var onlyByLink: OnlyByLink?
    /// Whether it is refused until the caller has proven who they are, where the policy wants that: what gives somebody a way in.
    package var needsProof = false
    /// Whether the application's tokens from before end with it (`tokens_not_before`).
    package var endsSessions = false
    /// Whether it is a matter of staff alone, for which neither a caller's word nor a second person is asked.
    package var standsAlone = false

    package init(
        applies: String, column: WrittenColumn? = nil, value: String? = nil, budget: Budget? = nil,
        replacesCredential: Bool = false, isNotified: Bool = false, typing: Typing? = nil,
        onlyByLink: OnlyByLink? = nil, needsProof: Bool = false, endsSessions: Bool = false, standsAlone: Bool = false
    ) {
        self.applies = applies
        self.column = column
        self.value = value
        self.budget = budget
        self.replacesCredential = replacesCredential
        self.isNotified = isNotified
        self.typing = typing
        self.onlyByLink = onlyByLink
        self.needsProof = needsProof
        self.endsSessions = endsSessions
        self.standsAlone = standsAlone
    }
}
