internal import AccountPolicy
internal import ConvonetCore
import Credentials
import EmailAddresses
internal import FoundationEssentials
internal import HTTPTypes
import JSONText
import SelfServiceCore

extension SelfServiceResponder {
    private static let codeIsNoGood =
        "This code is not valid for this person: check both. It may also have expired, been used, or been entered wrong too often; "
        + "then call support for another."

    private static let wrongLength = "A code has eight letters and digits. Enter it as it was read to you."
    private static let foreignCharacter =
        "A code has eight of these characters and no others: \(ResetCode.characters). Check what you typed, or ask support to read "
        + "it to you again."

    /// Takes a code that was read out, and answers with the token of its link, or with the form for a password. What is wrong with
    /// it nobody outside is told, and the hashing takes the same time whether anybody is called so or has a code.
    func enterCode(_ fields: RequestFields, _ client: String) async throws -> Answer {
        let login = fields["login"]?.trimmingBlanks ?? ""
        guard !login.isEmpty, let text = fields["code"] else {
            return refusal(.badRequest, "Enter your e-mail address or username, and the code.", login, fields.format)
        }
        guard !login.contains("\0") else {
            return refusal(.unauthorized, Self.codeIsNoGood, "", fields.format)
        }
        guard let code = ResetCode.parse(text) else {
            return refusal(
                .badRequest, ResetCode.hasForeignCharacter(text) ? Self.foreignCharacter : Self.wrongLength, login,
                fields.format)
        }
        let policy = try await rules.inForce().policy.password
        let logins = Self.spellings(of: login)
        let setting =
            try await database.settingOfCode(of: logins)
            ?? BcryptHasher(cost: policy.bcryptCost).nobodysSetting()
        guard let proof = try await hashing.run(forStranger: client, { BcryptHasher.proof(of: code, under: setting) })
        else {
            return refusal(.unauthorized, Self.codeIsNoGood, login, fields.format)
        }
        let token = ResetToken()
        let result = try await database.enterCode(proof, of: logins, for: token, from: client, request: UUID())
        metrics.noteCode(result)
        switch result?.receipt.outcome {
        case .done: return Self.taken(token, fields.format, page, policy)
        case .refused, nil: return refusal(.unauthorized, Self.codeIsNoGood, login, fields.format)
        default: throw NotWritten(rule: result?.rule)
        }
    }

    private static func taken(
        _ token: ResetToken, _ format: RequestFields.Format, _ page: ResetPage, _ policy: PasswordPolicy
    ) -> Answer {
        if format == .form { return .html(.ok, page.form(token, policy)) }
        var object = JSONObject()
        object.add("message", "The code is valid. Set a password with the token.")
        object.add("token", token.text)
        return .json(.ok, object)
    }

    private func refusal(
        _ status: HTTPResponse.Status, _ text: String, _ login: String, _ format: RequestFields.Format
    ) -> Answer {
        format == .form ? .html(status, page.codeForm(login: login, fault: text)) : .error(status, text)
    }

    /// What somebody may be called by what they typed: as it is, and an address with its domain in both spellings.
    private static func spellings(of login: String) -> [String] {
        let text = String(login.unicodeScalars.prefix(400).map(Character.init))
        guard let address = EmailAddress(typed: text) else { return [text] }
        return [text, address.unicode, address.ascii]
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate var trimmingBlanks: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
