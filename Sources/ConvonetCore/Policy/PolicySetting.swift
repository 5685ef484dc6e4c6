/// One setting of the policy by its name, as `policy show` prints it and `policy set` takes it.
public struct PolicySetting: Sendable {
    /// What values a setting takes.
    public enum Kind: Equatable, Sendable {
        /// A whole number within these bounds.
        case number(ClosedRange<Int>)
        /// true or false.
        case flag
        /// Text of at most 200 characters.
        case text
        /// A list: words separated by commas, or `@FILE` with one a line.
        case list
    }

    /// The name, which is the column's.
    public let name: String
    /// The values it takes.
    public let kind: Kind
    /// What it does, in one sentence.
    public let meaning: String
    /// Its value in a policy, as text.
    public let value: @Sendable (Policy) -> String
    /// The entries of a list; empty for other kinds.
    public let entries: @Sendable (Policy) -> [String]

    /// All settings, in the order in which they are shown.
    public static let all: [PolicySetting] = [
        number("minimum_length", 6...64, "Minimum password length, in characters.") { $0.password.minimumLength },
        number("minimum_score", 0...4, "Minimum password strength, from 0 (guessed at once) to 4 (hard to guess).") {
            $0.password.minimumScore
        },
        flag("require_uppercase", "Passwords need an upper-case letter.") { $0.password.requiresUppercase },
        flag("require_lowercase", "Passwords need a lower-case letter.") { $0.password.requiresLowercase },
        flag("require_digit", "Passwords need a digit.") { $0.password.requiresDigit },
        flag("require_symbol", "Passwords need a symbol.") { $0.password.requiresSymbol },
        flag("allow_weak", "Operators may accept a weak or short password; this is logged.") {
            $0.password.allowsWeak
        },
        list("context_words", "Words of your organisation that no password may contain.") { $0.password.contextWords },
        list("blocked_passwords", "Passwords that your organisation blocks.") { $0.blockedPasswords },
        number("bcrypt_cost", 10...15, "bcrypt cost of new password hashes; each step doubles the time.") {
            $0.password.bcryptCost
        },
        number("pin_minimum_length", 4...6, "Minimum number of digits in a typed voice PIN.") {
            $0.pinLengths.lowerBound
        },
        number("pin_maximum_length", 4...6, "Maximum number of digits in a typed voice PIN.") {
            $0.pinLengths.upperBound
        },
        number("issued_pin_length", 4...6, "Number of digits in an issued voice PIN.") { $0.issuedPINLength },
        number(
            "typed_pin_limit", 0...20, "Refused typed PINs an operator may have in an hour; 0: no typed PINs at all."
        ) {
            $0.typedPINLimit
        },
        number("decoys_per_thousand", 0...500, "How many free PINs in a thousand are refused as if taken.") {
            $0.decoysPerThousand
        },
        flag("require_reason", "Every change needs a reason.") { $0.requiresReason },
        PolicySetting(
            name: "ticket_pattern", kind: .text,
            meaning: "Regular expression that a whole ticket must match; empty: any.",
            value: { $0.ticketPattern }, entries: { _ in [] }),
        flag("require_ticket", "Every change needs a ticket.") { $0.requiresTicket },
        list(
            "verification_methods",
            "Ways to verify a caller, each as NAME or “NAME: QUESTION”; if there are any, one must be chosen."
        ) {
            $0.verificationMethods.map(\.text)
        },
        flag("allow_typed", "Operators may type a new password or PIN; false: only generate or issue them.") {
            $0.allowsTyped
        },
        number(
            "resets_per_operator_hour", 0...10000, "Password and PIN resets by one operator in an hour; 0: no limit."
        ) {
            $0.resetsPerOperatorHour
        },
        number("resets_per_account_day", 0...1000, "Password and PIN resets of one account in 24 hours; 0: no limit.") {
            $0.resetsPerAccountDay
        },
        number(
            "states_per_operator_hour", 0...10000,
            "Status changes (active, verified) by one operator in an hour; 0: no limit."
        ) {
            $0.statesPerOperatorHour
        },
        number(
            "pin_answers_per_hour", 1...1_000_000,
            "PINs that one database user may issue or try in an hour; each answer reveals a little about other PINs."
        ) {
            $0.pinAnswersPerHour
        },
        number(
            "refusals_per_operator_hour", 1...10000,
            "Attempts by one operator in an hour that are logged without being done; further ones fail."
        ) {
            $0.refusalsPerOperatorHour
        },
        number(
            "events_per_operator_hour", 100...1_000_000,
            "Changes of any kind by one operator in an hour; stops a script that runs out of control."
        ) {
            $0.eventsPerOperatorHour
        },
        list("protected_domains", "E-mail domains (with subdomains) whose accounts need a second person.") {
            $0.protection.domains
        },
        list("protected_accounts", "Accounts that need a second person, by e-mail address, username or id.") {
            $0.protection.accounts
        },
        list("protected_team_roles", "Team roles in the application whose members need a second person.") {
            $0.protection.teamRoles
        },
        number(
            "approval_minutes", 1...1440,
            "Minutes until a request, or then an approval, expires."
        ) {
            $0.approvalMinutes
        },
        flag("links_only", "Staff may reset passwords only by sending the person a link.") {
            $0.selfService.linksOnly
        },
        flag("notify_changes", "People get an e-mail when their password or voice PIN changes.") {
            $0.selfService.notifiesOfChanges
        },
        number("reset_link_minutes", 5...1440, "Minutes that a reset link is valid.") {
            $0.selfService.linkMinutes
        },
        number("self_service_account_limit", 1...1000, "Reset links one account may request in an hour.") {
            $0.selfService.accountLimit
        },
        number("self_service_address_limit", 1...1_000_000, "Self-service requests from one address in ten minutes.") {
            $0.selfService.addressLimit
        },
        number("self_service_total_limit", 1...1_000_000, "Self-service requests in a minute, in total.") {
            $0.selfService.totalLimit
        },
    ]

    /// The value of this setting that `text` stands for, as JSON; throws `AdminError.invalidPolicy`.
    public func json(parsing text: String) throws(AdminError) -> String {
        switch kind {
        case .number(let range):
            guard let number = Int(text), range.contains(number) else {
                throw .invalidPolicy(
                    setting: name, reason: "enter a whole number from \(range.lowerBound) to \(range.upperBound).")
            }
            return String(number)
        case .flag:
            guard text == "true" || text == "false" else {
                throw .invalidPolicy(setting: name, reason: "enter true or false.")
            }
            return text
        case .text:
            guard text.count <= 200 else {
                throw .invalidPolicy(setting: name, reason: "enter at most 200 characters.")
            }
            return JSONObject.quoted(text)
        case .list:
            let words = text.split(whereSeparator: { $0 == "," || $0.isNewline }).map { word in
                String(word.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            }
            if name == "verification_methods",
                words.contains(where: { !(1...100).contains(VerificationMethod(parsing: $0).name.count) && !$0.isEmpty }
                )
            {
                throw .invalidPolicy(setting: name, reason: "each method needs a name of at most 100 characters.")
            }
            return JSONObject.list(words.filter { !$0.isEmpty }.flatMap(spellings))
        }
    }

    /// The setting's value in a policy, as ``json(parsing:)`` writes it.
    func json(of policy: Policy) -> String {
        switch kind {
        case .number, .flag: value(policy)
        case .text: JSONObject.quoted(value(policy))
        case .list: JSONObject.list(entries(policy))
        }
    }

    /// A domain or an address of another script in both of its spellings: the database compares letters.
    private func spellings(_ word: String) -> [String] {
        let pair: [String]
        switch name {
        case "protected_domains":
            pair = DomainName(String(word.drop { $0 == "@" })).map { [$0.unicode, $0.ascii] } ?? []
        case "protected_accounts": pair = EmailAddress(typed: word).map { [$0.unicode, $0.ascii] } ?? []
        default: pair = []
        }
        return pair.count == 2 && pair[0] != pair[1] ? pair : [word]
    }

    private static func number(
        _ name: String, _ range: ClosedRange<Int>, _ meaning: String, _ value: @escaping @Sendable (Policy) -> Int
    ) -> PolicySetting {
        PolicySetting(
            name: name, kind: .number(range), meaning: meaning, value: { String(value($0)) }, entries: { _ in [] })
    }

    private static func flag(
        _ name: String, _ meaning: String, _ value: @escaping @Sendable (Policy) -> Bool
    ) -> PolicySetting {
        PolicySetting(name: name, kind: .flag, meaning: meaning, value: { String(value($0)) }, entries: { _ in [] })
    }

    private static func list(
        _ name: String, _ meaning: String, _ entries: @escaping @Sendable (Policy) -> [String]
    ) -> PolicySetting {
        PolicySetting(
            name: name, kind: .list, meaning: meaning,
            value: { policy in
                let words = entries(policy)
                return words.count > 20 ? "(\(words.count) entries)" : words.joined(separator: ",")
            }, entries: entries)
    }
}
