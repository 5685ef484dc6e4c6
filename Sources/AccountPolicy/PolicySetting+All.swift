import Credentials

extension PolicySetting {
    /// All settings, in the order in which they are shown. A column of the policy's row that is not here does not exist for
    /// this program.
    public static let all: [PolicySetting] = [
        number(
            "minimum_length", PasswordPolicy.minimumLengthRange, \.password.minimumLength, looser: .lower,
            "Minimum password length, in characters."),
        number(
            "minimum_score", PasswordPolicy.minimumScoreRange, \.password.minimumScore, looser: .lower,
            "Minimum password strength, from 0 (guessed at once) to 4 (hard to guess)."),
        flag(
            "require_uppercase", \.password.requiresUppercase, looser: .off,
            "Passwords need an upper-case letter."),
        flag(
            "require_lowercase", \.password.requiresLowercase, looser: .off,
            "Passwords need a lower-case letter."),
        flag(
            "require_digit", \.password.requiresDigit, looser: .off,
            "Passwords need a digit."),
        flag(
            "require_symbol", \.password.requiresSymbol, looser: .off,
            "Passwords need a symbol."),
        flag(
            "allow_weak", \.password.allowsWeak, looser: .on,
            "Operators may accept a weak or short password; this is logged."),
        list(
            "context_words", \.password.contextWords, looser: .fewer,
            "Words of your organisation that no password may contain."),
        list(
            "blocked_passwords", \.blockedPasswords, looser: .fewer,
            "Passwords that your organisation blocks."),
        text(
            "breached_passwords", \.password.breachedList,
            looser: .fewer,
            "Fingerprint of the list of leaked passwords that typed ones must not be on; @FILE: of that file; empty: none."
        ),
        number(
            "bcrypt_cost", BcryptHasher.costRange, \.password.bcryptCost, looser: .lower,
            "bcrypt cost of new password hashes; each step doubles the time."),
        number(
            "pin_minimum_length", 4...6, \.shortestPIN, looser: .lower,
            "Minimum number of digits in a typed voice PIN."),
        number(
            "pin_maximum_length", 4...6, \.longestPIN, looser: .nothing,
            "Maximum number of digits in a typed voice PIN."),
        number(
            "issued_pin_length", 4...6, \.issuedPINLength, looser: .lower,
            "Number of digits in an issued voice PIN."),
        number(
            "typed_pin_limit", 0...20, \.typedPINLimit, looser: .higher,
            "Refused typed PINs an operator may have in an hour; 0: no typed PINs at all."),
        number(
            "decoys_per_thousand", 0...500, \.decoysPerThousand, looser: .lower,
            "How many free PINs in a thousand are refused as if taken."),
        flag(
            "require_reason", \.requiresReason, looser: .off,
            "Every change needs a reason."),
        text(
            "ticket_pattern", \.ticketPattern, looser: .nothing,
            "Regular expression that a whole ticket must match; empty: any."),
        flag(
            "require_ticket", \.requiresTicket, looser: .off,
            "Every change needs a ticket."),
        list(
            "verification_methods", \.verificationTexts, looser: .fewer,
            "Ways to verify a caller, each as NAME or “NAME: QUESTION”; if there are any, one must be chosen."),
        number(
            "verification_points", 0...100, \.verificationPoints, looser: .lower,
            "Points a caller must have proven before a password, PIN or status is given; 0: none. What is said gives none."
        ),
        number(
            "verification_points_protected", 0...100, \.verificationPointsProtected, looser: .lower,
            "The same for protected accounts, if it is more."),
        number(
            "mail_code_points", 1...100, \.mailCodePoints, looser: .higher,
            "Points for reading back a code that was sent to the account's e-mail address."),
        number(
            "text_code_points", 1...100, \.textCodePoints, looser: .higher,
            "Points for reading back a code that was sent to the account's telephone; those of both ways add up."),
        number(
            "verification_minutes", 1...60, \.verificationMinutes, looser: .higher,
            "Minutes for which what a caller has proven counts, for the operator to whom they proved it."),
        number(
            "undo_minutes", 0...60, \.undoMinutes, looser: .higher,
            "Minutes for which a reset of a password or PIN can be taken back; 0: never."),
        number(
            "temporary_password_hours", 0...720, \.temporaryPasswordHours, looser: .limit,
            "Hours for which a password works that staff type or generate, unless the person changes it; 0: no limit."),
        flag(
            "allow_typed", \.allowsTyped, looser: .on,
            "Operators may type a new password or PIN; false: only generate or issue them."),
        number(
            "resets_per_operator_hour", 0...10000, \.resetsPerOperatorHour, looser: .limit,
            "Password and PIN resets by one operator in an hour; 0: no limit."),
        number(
            "resets_per_account_day", 0...1000, \.resetsPerAccountDay, looser: .limit,
            "Password and PIN resets of one account in 24 hours; 0: no limit."),
        number(
            "states_per_operator_hour", 0...10000, \.statesPerOperatorHour, looser: .limit,
            "Status changes (active, verified) by one operator in an hour; 0: no limit."),
        number(
            "pin_answers_per_hour", 1...1_000_000, \.pinAnswersPerHour, looser: .higher,
            "PINs that one database user may issue or try in an hour; each answer reveals a little about other PINs."),
        number(
            "refusals_per_operator_hour", 1...10000, \.refusalsPerOperatorHour, looser: .higher,
            "Attempts by one operator in an hour that are logged without being done; further ones fail."),
        number(
            "events_per_operator_hour", 100...1_000_000, \.eventsPerOperatorHour, looser: .higher,
            "Changes of any kind by one operator in an hour; stops a script that runs out of control."),
        list(
            "protected_domains", \.protection.domains, looser: .fewer,
            "E-mail domains (with subdomains) whose accounts need a second person."),
        list(
            "protected_accounts", \.protection.accounts, looser: .fewer,
            "Accounts that need a second person, by e-mail address, username or id."),
        list(
            "protected_team_roles", \.protection.teamRoles, looser: .fewer,
            "Team roles in the application whose members need a second person."),
        number(
            "approval_minutes", 1...1440, \.approvalMinutes, looser: .higher,
            "Minutes until a request, or then an approval, expires."),
        list(
            "approver_addresses", \.approverAddresses, looser: .nothing,
            "E-mail addresses that are told when somebody asks for a second person."),
        flag(
            "links_only", \.selfService.linksOnly, looser: .off,
            "Staff may reset passwords only by sending the person a link."),
        flag(
            "pins_by_link_only", \.selfService.pinsByLinkOnly, looser: .off,
            "Staff may give a voice PIN only by sending the person a link."),
        flag(
            "notify_changes", \.selfService.notifiesOfChanges, looser: .off,
            "People get an e-mail when their password or voice PIN changes."),
        number(
            "reset_link_minutes", 5...1440, \.selfService.linkMinutes, looser: .higher,
            "Minutes that a reset link is valid."),
        number(
            "reset_code_minutes", 5...60, \.resetCodeMinutes, looser: .higher,
            "Minutes that a reset code, which is read out, is valid."),
        number(
            "self_service_account_limit", 1...1000, \.selfService.accountLimit, looser: .higher,
            "Reset links one account may request in an hour."),
        number(
            "self_service_address_limit", 1...1_000_000, \.selfService.addressLimit, looser: .higher,
            "Self-service requests from one address in ten minutes."),
        number(
            "self_service_total_limit", 1...1_000_000, \.selfService.totalLimit, looser: .higher,
            "Self-service requests in a minute, in total."),
        number(
            "self_service_refusals_per_hour", 1...1_000_000, \.selfService.refusalLimit, looser: .higher,
            "Refusals by self-service in an hour that are logged; further ones are only counted."),
    ]

    private static func number(
        _ name: String, _ range: ClosedRange<Int>, _ path: any WritableKeyPath<Policy, Int> & Sendable, looser: Looser,
        _ meaning: String
    ) -> PolicySetting {
        PolicySetting(name: name, kind: .number(range), meaning: meaning, looser: looser, property: .number(path))
    }

    private static func flag(
        _ name: String, _ path: any WritableKeyPath<Policy, Bool> & Sendable, looser: Looser, _ meaning: String
    ) -> PolicySetting {
        PolicySetting(name: name, kind: .flag, meaning: meaning, looser: looser, property: .flag(path))
    }

    private static func text(
        _ name: String, _ path: any WritableKeyPath<Policy, String> & Sendable, looser: Looser, _ meaning: String
    ) -> PolicySetting {
        PolicySetting(name: name, kind: .text, meaning: meaning, looser: looser, property: .text(path))
    }

    private static func list(
        _ name: String, _ path: any WritableKeyPath<Policy, [String]> & Sendable, looser: Looser, _ meaning: String
    ) -> PolicySetting {
        PolicySetting(name: name, kind: .list, meaning: meaning, looser: looser, property: .list(path))
    }
}
