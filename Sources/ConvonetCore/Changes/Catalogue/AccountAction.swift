public import AccountPolicy
public import Credentials

/// One way to change an account, as the log names it: what is said of it, what it needs, and what carries it out.
///
/// Everything that differs from one change to another is here; whatever shows, asks, sends or counts changes reads it.
/// Two are the same where log and method say the same.
public struct AccountAction: Sendable, Equatable {
    /// The log's name.
    public let name: String
    /// The log's word for how the new value comes about; nil where there is none.
    public let method: String?
    /// What it is called where one of several is chosen: `Generate`.
    public let option: String
    /// What is done, as a heading; nil where that of the dialog will do.
    public let title: String?
    /// How it comes by its new value.
    public let value: NewValue
    /// What is said of it.
    public let words: ActionWords
    /// The function of the schema that carries it out.
    public let function: String
    /// What the functions of the schema go by.
    package let rules: ActionRules
    /// Whether it ends in a local password, which somebody who signs in with SSO has to want.
    public let givesPassword: Bool
    /// Whether whoever is signed in need not stay so: the application's tokens from before end.
    public var endsSessions: Bool { rules.endsSessions }
    /// Whether it is done by a mail to the person.
    public let sendsMail: Bool
    /// Whether it is a matter of staff alone, for which nobody has to be verified.
    public var standsAlone: Bool { rules.standsAlone }
    /// Whether it can be taken back for a while.
    public var canBeTakenBack: Bool { rules.replacesCredential && !rules.standsAlone }
    /// Whether somebody else may be signed in where it was called for.
    public var suggestsSignOut: Bool { givesPassword && !sendsMail || self == .undo || self == .unfreeze }
    /// Whether it needs a reason, whatever the policy says.
    public let needsReason: Bool
    /// Whether supervisors do it, and operators do not.
    public let isSupervisors: Bool
    /// Whether the caller has to prove who they are, where the policy wants that.
    public var needsProof: Bool { rules.needsProof }
    /// What keeps it from being of use for an account, as far as the account shows it: the rule by which the database refuses it.
    let refusal: @Sendable (Account, ChangeContext) -> String?
    /// What it makes of the account that is shown, by what was typed.
    let apply: @Sendable (inout Account, Secret?) -> Void

    init(
        _ name: String, method: String? = nil, option: String = "", title: String? = nil, value: NewValue = .none,
        function: String? = nil,
        givesPassword: Bool = false, sendsMail: Bool = false,
        needsReason: Bool = false, isSupervisors: Bool = false, rules: ActionRules,
        words: ActionWords,
        refusal: @escaping @Sendable (Account, ChangeContext) -> String? = { _, _ in nil },
        apply: @escaping @Sendable (inout Account, Secret?) -> Void = { _, _ in }
    ) {
        self.name = name
        self.method = method
        self.option = option
        self.title = title
        self.value = value
        self.function = function ?? name
        self.givesPassword = givesPassword
        self.sendsMail = sendsMail
        self.needsReason = needsReason
        self.isSupervisors = isSupervisors
        self.rules = rules
        self.words = words
        self.refusal = refusal
        self.apply = apply
    }

    /// Whether two are the same.
    public static func == (one: AccountAction, other: AccountAction) -> Bool {
        one.name == other.name && one.method == other.method
    }

    /// The actions of all changes, in the order in which they are offered.
    package static let all = ChangeKind.all.flatMap(\.actions)

    /// That which the log calls so; nil where no change by staff is.
    static func named(_ name: String) -> AccountAction? { all.first { $0.name == name } }
}

/// How a change comes by its new value.
public enum NewValue: Equatable, Sendable {
    /// It has none.
    case none
    /// A password that the program makes up.
    case generatedPassword
    /// A password that somebody types.
    case typedPassword
    /// A code that the program makes up, by which the person sets a password.
    case generatedCode
    /// A voice PIN that the database draws.
    case drawnPIN
    /// A text that somebody types, and that the database is sent as it is.
    case typedText(TypedText)
    /// A state that the action names.
    case state(Bool)
    /// What a change replaced, by its receipt.
    case replaced

    /// Whether somebody has to type it.
    public var isTyped: Bool { if case .typedText = self { true } else { self == .typedPassword } }
    /// Whether what somebody types is for nobody else's eyes.
    public var isMasked: Bool { if case .typedText(let text) = self { text.isSecret } else { self == .typedPassword } }
    /// Whether it is a password.
    public var isPassword: Bool { self == .generatedPassword || self == .typedPassword }
    /// Whether only its bcrypt hash is sent.
    var isHashed: Bool { isPassword || self == .generatedCode }
    /// Whether it is a voice PIN.
    public var isPIN: Bool { self == .drawnPIN || self == .typedPIN }
}

/// What kind of text is typed; two are the same where their names are.
public struct TypedText: Equatable, Sendable {
    /// What it is called.
    public let name: String
    /// What is said of one that may do; nil for nothing.
    public let praise: String?
    /// Whether nobody should see it, so that it is masked and typed twice.
    public let isSecret: Bool
    /// The rules by which a text is not, or not yet, in the form that it needs.
    let malformed: [String]
    /// The other rules by which it is refused before the database is asked.
    let rules: [String]
    /// Why it cannot be taken, as far as that is known before the database is asked; nil where it can.
    let refusal: @Sendable (Secret, Policy) -> CredentialFailure?

    init(
        name: String, praise: String?, isSecret: Bool = true, malformed: [String], rules: [String],
        refusal: @escaping @Sendable (Secret, Policy) -> CredentialFailure?
    ) {
        self.name = name
        self.praise = praise
        self.isSecret = isSecret
        self.malformed = malformed
        self.rules = rules
        self.refusal = refusal
    }

    /// Whether two are the same.
    public static func == (one: TypedText, other: TypedText) -> Bool { one.name == other.name }

    /// What the rules say of it while it is typed: nil where nothing is wrong with it; else whether it is only not in the right
    /// form, as a beginning is not, and a sentence.
    public func fault(of text: Secret, under policy: Policy) -> (isMalformed: Bool, sentence: String)? {
        refusal(text, policy).map { (malformed.contains($0.rule), $0.message) }
    }
}

/// What is said of a change.
public struct ActionWords: Sendable {
    /// What was tried, and not that it was done: `reset password`.
    public let attempt: String
    /// What was done: `Password reset`.
    public let done: String
    /// What is asked before it.
    public let question: String
    /// What a dry run says after “would”, of somebody.
    public let order: @Sendable (_ person: String) -> String
    /// What it means for the person once it is done, by the account as it was before.
    public let result: @Sendable (Account) -> String
    /// Why there is nothing to do, in a few words and in a sentence; nil where that cannot be.
    public let alreadySo: (brief: String, sentence: String)?

    init(
        attempt: String, done: String, question: String, order: @escaping @Sendable (String) -> String,
        result: @escaping @Sendable (Account) -> String, alreadySo: (brief: String, sentence: String)? = nil
    ) {
        self.attempt = attempt
        self.done = done
        self.question = question
        self.order = order
        self.result = result
        self.alreadySo = alreadySo
    }
}
