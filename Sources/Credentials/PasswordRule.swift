/// The rules that a password is held to; the raw value is the audit log's `rule`.
public enum PasswordRule: String, CaseIterable, Sendable {
    /// It has no characters.
    case empty = "password_empty"
    /// It is not valid UTF-8.
    case notUTF8 = "password_not_utf8"
    /// It has a NUL in it.
    case nul = "password_nul"
    /// It has a control character in it, such as ESC or a line end.
    case controlCharacter = "password_control_character"
    /// It begins or ends with what is not seen, such as a byte order mark or a no-break space.
    case invisibleEnd = "password_invisible_end"
    /// It is longer than bcrypt's 72 bytes.
    case tooLong = "password_too_long"
    /// It is nothing but white space.
    case spacesOnly = "password_spaces_only"
    /// It is one of the commonest passwords.
    case common = "password_common"
    /// It is on the list of leaked passwords.
    case breached = "password_breached"
    /// It has to be held against a list of leaked passwords that this machine does not have.
    case unchecked = "password_unchecked"
    /// It is on the organisation's own list.
    case organisationList = "password_organisation_list"
    /// It contains a part of the person's names, username or e-mail address.
    case containsName = "password_contains_name"
    /// It contains one of the organisation's words.
    case containsOrganisationWord = "password_contains_organisation_word"
    /// It has no upper-case letter.
    case needsUppercase = "password_needs_uppercase"
    /// It has no lower-case letter.
    case needsLowercase = "password_needs_lowercase"
    /// It has no digit.
    case needsDigit = "password_needs_digit"
    /// It has nothing that is neither letter, digit nor space.
    case needsSymbol = "password_needs_symbol"
    /// It has fewer code points than the policy's minimum.
    case tooShort = "password_too_short"
    /// Its score is below the policy's minimum.
    case tooWeak = "password_too_weak"

    /// The words for rules that need nothing but their name; the others are given theirs by the assessment.
    var message: String {
        switch self {
        case .empty: "The password is empty. Type or generate one."
        case .notUTF8:
            "The password is not valid UTF-8. Check the encoding of the terminal or file, and enter it again."
        case .nul: "The password contains a NUL byte, where sign-in would cut it off. Enter it without."
        case .controlCharacter: "The password contains a control character. Enter it without."
        case .invisibleEnd: "The password starts or ends with an invisible character. Enter it without."
        case .tooLong:
            "The password is longer than 72 bytes, and the rest would not count. Shorten it; an accented letter takes 2 bytes, "
                + "a Chinese character 3."
        case .spacesOnly: "The password is only spaces. Add words, or generate one."
        case .common:
            "This is one of the most common passwords, which are guessed first. Choose another, or generate one."
        case .breached: "This password has been leaked, so attackers know it. Choose another, or generate one."
        case .unchecked: "The password cannot be checked against the list of leaked passwords here. Generate one."
        case .organisationList: "This password is on your organisation's blocked list. Choose another."
        case .containsName: "The password contains part of the account's names. Choose unrelated words."
        case .containsOrganisationWord:
            "The password contains one of your organisation's words. Choose unrelated words."
        case .needsUppercase: "The policy requires an upper-case letter. Add one, such as K."
        case .needsLowercase: "The policy requires a lower-case letter. Add one, such as k."
        case .needsDigit: "The policy requires a digit. Add one, such as 7."
        case .needsSymbol: "The policy requires a symbol. Add one, such as - or !."
        case .tooShort: "The password is too short. Add words."
        case .tooWeak: "The password is too easy to guess. Add words."
        }
    }

    func failure() -> CredentialFailure {
        CredentialFailure(rule: rawValue, message: message)
    }
}
