internal import ArgumentParser
import ConvonetCore
import FoundationEssentials
import JSONText
import OperatingSystem
import PostgresClient
import ProgramStart
import TerminalKit

struct SendResetLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send-reset-link",
        abstract: "E-mail a person a link to a new password or voice PIN.",
        discussion: """
            The link goes to the account's e-mail address and works once, for an hour (reset_link_minutes in the policy). \
            The old password, and links sent before, stay valid until a link is used or the password changes. \
            convonet-self-service sends the e-mail. Only the person ever knows the password.

            With --pin the link shows the person a new voice PIN, once; a PIN that they have works until then.

            Example: \(Program.name) send-reset-link bo36 --reason "forgot it" --ticket T-17
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(
        name: .customLong("local-password"),
        help: "Allow a person who signs in with SSO to set a local password.")
    var localPassword = false
    @Flag(name: .long, help: "Send a link to a new voice PIN.") var pin = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if pin, localPassword { throw ValidationError("--local-password is for passwords, not for --pin.") }
    }

    func run() async throws {
        try await change.run(common, context: change.context(localPassword: localPassword)) { _, _, _ in
            pin ? .sendPINLink : .sendResetLink
        }
    }
}

struct ResetLinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-links",
        abstract: "Show or revoke a person's reset links and codes.",
        discussion: """
            Newest first, each with its state. Links: queued, sent, undelivered. Codes: issued, entered, exhausted (wrong too \
            often). Both: used, revoked, expired, outdated (the password changed, or the PIN), or replaced (by a newer one).

            Example: \(Program.name) reset-links bo36 --revoke --reason "wrong person"
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(name: .long, help: "Revoke every valid link and code.") var revoke = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !revoke, change.terms.says {
            throw ValidationError(
                "--yes, --dry-run, --reason and similar options need --revoke.")
        }
    }

    func run() async throws {
        if revoke {
            return try await change.run(common, context: change.context()) { _, _, _ in .revokeResetLinks }
        }
        try SecretArguments.refuse(change.extra)
        let session = try await common.session()
        let account = try await session.accounts.find(change.account)
        let links = try await session.changes.resetLinks(of: account)
        let codes = try await session.changes.resetCodes(of: account)
        if common.json {
            let isSending = links.isEmpty ? false : try await session.changes.mailState().isAsking
            for link in links { try Output.data(Self.object(link, isSending: isSending).text) }
            for code in codes { try Output.data(Self.object(code).text) }
        } else if links.isEmpty, codes.isEmpty {
            Output.say("No links or codes were given to \(TextForms.who(account)).")
        } else {
            for code in codes { try Output.line(Self.line(code)) }
            for link in links { try Output.line(Self.line(link)) }
            if links.contains(where: { $0.state == .queued }),
                let warning = try await session.changes.mailState().warning
            {
                Output.say(warning)
            }
        }
    }

    private static func object(_ link: ResetLink, isSending: Bool) -> JSONObject {
        var object = JSONObject()
        object.add("format", JSONForms.format)
        object.add("kind", "link")
        object.add("id", link.id.uuidString.lowercased())
        object.add("purpose", link.purpose.rawValue)
        object.add("address", link.address)
        object.add("requested_by", link.origin.rawValue)
        object.add("db_user", link.databaseUser)
        object.add("created_at", link.createdAt.rfc3339)
        object.add("expires_at", link.expiresAt?.rfc3339)
        object.add("state", link.state.rawValue)
        object.add("state_at", link.stateAt?.rfc3339)
        if link.state == .queued { object.add("mail_program_runs", isSending) }
        if let unsent = link.unsent {
            object.add("mail_error", unsent.reason)
            object.add("mail_tries", unsent.tries)
        }
        return object
    }

    private static func object(_ code: IssuedCode) -> JSONObject {
        var object = JSONObject()
        object.add("format", JSONForms.format)
        object.add("kind", "code")
        object.add("id", code.id.uuidString.lowercased())
        object.add("db_user", code.databaseUser)
        object.add("created_at", code.createdAt.rfc3339)
        object.add("expires_at", code.expiresAt.rfc3339)
        object.add("state", code.state.rawValue)
        object.add("state_at", code.stateAt?.rfc3339)
        return object
    }

    private static func line(_ code: IssuedCode) -> String {
        let since = code.stateAt.map { " at \($0.localText)" } ?? ""
        return "\(code.createdAt.localText)  code \(code.state.rawValue)\(since), valid until "
            + "\(code.expiresAt.localText), issued by \(code.databaseUser)"
    }

    private static func line(_ link: ResetLink) -> String {
        let who =
            switch link.origin {
            case .staff: "sent by \(link.databaseUser)"
            case .person: "requested by the person"
            case .schedule: "sent because the temporary password ran out"
            }
        let until = link.expiresAt.map { ", valid until \($0.localText)" } ?? ""
        let since = link.stateAt.map { " at \($0.localText)" } ?? ""
        let purpose = link.purpose == .voicePIN ? "PIN link " : ""
        let unsent = link.unsent.map { " (\($0.words))" } ?? ""
        return
            "\(link.createdAt.localText)  \(purpose)\(link.state.rawValue)\(since)\(unsent)  to \(link.address)\(until), \(who)"
    }
}
