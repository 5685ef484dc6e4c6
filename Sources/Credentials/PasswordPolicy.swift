/// What the organisation asks of passwords.
///
/// Whatever is set here, a password is at most 72 bytes of valid UTF-8 without NUL, has six code points or more, is not
/// one of the commonest, and contains no part of its owner's names.
public struct PasswordPolicy: Equatable, Sendable {
    /// The lengths, in code points, that may be asked for at least.
    public static let minimumLengthRange = 6...64

    /// The scores that may be asked for at least.
    public static let minimumScoreRange = 0...4

    /// The least length in code points.
    public package(set) var minimumLength: Int
    /// The least score, 0 (guessed at once) to 4 (hard to guess offline).
    public package(set) var minimumScore: Int
    /// Whether an upper-case letter is asked for.
    public package(set) var requiresUppercase: Bool
    /// Whether a lower-case letter is asked for.
    public package(set) var requiresLowercase: Bool
    /// Whether a decimal digit, of any script, is asked for.
    public package(set) var requiresDigit: Bool
    /// Whether something that is neither letter, digit nor white space is asked for.
    public package(set) var requiresSymbol: Bool
    /// Whether an operator may let through what is only weak, or short down to six code points.
    public package(set) var allowsWeak: Bool
    /// The organisation's own words, of which no part of three letters or more may occur.
    public package(set) var contextWords: [String] {
        get { organisationWords.texts }
        set { organisationWords = OrganisationWords(newValue) }
    }
    /// The same, in the parts that are looked for.
    private(set) var organisationWords: OrganisationWords
    /// The fingerprint of the list of leaked passwords that every password is held against; empty: none.
    public package(set) var breachedList = ""
    /// The cost of new hashes.
    public package(set) var bcryptCost: Int

    /// A policy; each default is the rule after installation. The ranges are not looked at.
    public init(
        minimumLength: Int = 8,
        minimumScore: Int = 3,
        requiresUppercase: Bool = false,
        requiresLowercase: Bool = false,
        requiresDigit: Bool = false,
        requiresSymbol: Bool = false,
        allowsWeak: Bool = true,
        contextWords: [String] = [],
        bcryptCost: Int = 12
    ) {
        self.minimumLength = minimumLength
        self.minimumScore = minimumScore
        self.requiresUppercase = requiresUppercase
        self.requiresLowercase = requiresLowercase
        self.requiresDigit = requiresDigit
        self.requiresSymbol = requiresSymbol
        self.allowsWeak = allowsWeak
        organisationWords = OrganisationWords(contextWords)
        self.bcryptCost = bcryptCost
    }

    /// The policy after installation.
    public static let standard = PasswordPolicy()
}
