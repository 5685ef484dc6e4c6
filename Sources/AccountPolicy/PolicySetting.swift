public import ConvonetDatabase
import EmailAddresses
import JSONText

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
    /// Which other value would let more through.
    public let looser: Looser
    /// Where a policy has it.
    let property: Property

    /// In which direction a setting lets more through.
    public enum Looser: Sendable {
        /// A smaller number.
        case lower
        /// A greater number.
        case higher
        /// A greater number, and 0 most of all.
        case limit
        /// true.
        case on
        /// false.
        case off
        /// A list that lacks an entry, or an empty text.
        case fewer
        /// It cannot be said.
        case nothing
    }

    /// The property of a policy, by its type.
    enum Property: Sendable {
        case number(any WritableKeyPath<Policy, Int> & Sendable)
        case flag(any WritableKeyPath<Policy, Bool> & Sendable)
        case text(any WritableKeyPath<Policy, String> & Sendable)
        case list(any WritableKeyPath<Policy, [String]> & Sendable)
    }

    /// Whether `@FILE` may stand for its value.
    public var takesFile: Bool { kind == .list || name == "breached_passwords" }

    /// Its value in a policy, as text; of a long list only how many entries it has.
    public func value(_ policy: Policy) -> String {
        switch property {
        case .number(let path): return String(policy[keyPath: path])
        case .flag(let path): return String(policy[keyPath: path])
        case .text(let path): return policy[keyPath: path]
        case .list(let path):
            let entries = policy[keyPath: path]
            return entries.count > 20 ? "(\(entries.count) entries)" : entries.joined(separator: ",")
        }
    }

    /// The entries of a list; none for other kinds.
    public func entries(_ policy: Policy) -> [String] {
        if case .list(let path) = property { policy[keyPath: path] } else { [] }
    }

    /// Whether a policy lets more through here than another.
    public func isLooser(_ policy: Policy, than other: Policy) -> Bool {
        switch property {
        case .number(let path):
            let (new, old) = (policy[keyPath: path], other[keyPath: path])
            return switch looser {
            case .lower: new < old
            case .higher: new > old
            case .limit: new != old && (new == 0 || old != 0 && new > old)
            default: false
            }
        case .flag(let path):
            return policy[keyPath: path] != other[keyPath: path] && policy[keyPath: path] == (looser == .on)
        case .text(let path): return looser == .fewer && policy[keyPath: path].isEmpty && !other[keyPath: path].isEmpty
        case .list(let path):
            return looser == .fewer && !Set(other[keyPath: path]).subtracting(policy[keyPath: path]).isEmpty
        }
    }

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
            if name == "breached_passwords", !text.isEmpty, text.wholeMatch(of: /[0-9a-f]{32}/) == nil {
                throw .invalidPolicy(
                    setting: name, reason: "enter @FILE, or its fingerprint: 32 digits from 0 to 9 and a to f.")
            }
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
            if name == "approver_addresses", let word = words.first(where: { !$0.isEmpty && !Self.isAddress($0) }) {
                throw .invalidPolicy(setting: name, reason: "“\(word)” is no e-mail address.")
            }
            return JSONObject.list(words.filter { !$0.isEmpty }.flatMap(spellings))
        }
    }

    /// Whether mail reaches it from anywhere: an address alone, below a domain.
    private static func isAddress(_ word: String) -> Bool {
        guard !word.contains("<"), let address = EmailAddress(typed: word) else { return false }
        return address.isDeliverable && address.ascii.drop { $0 != "@" }.contains(".")
    }

    /// The setting's value in a policy, as ``json(parsing:)`` writes it.
    package func json(of policy: Policy) -> String {
        switch property {
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
}
