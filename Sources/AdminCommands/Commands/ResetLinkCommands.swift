internal import ArgumentParser
import ConvonetCore
import FoundationEssentials
import PostgresClient
import ProgramStart
import TerminalKit

struct SendResetLinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send-reset-link",
        abstract: "Sends somebody a link by which they set their password themselves.",
        discussion: """
            The link goes to the account's e-mail address, works once and for an hour (reset_link_minutes in the \
            policy). Links sent before stay good until one of them is used or the password changes; until then the old \
            password stays. convonet-self-service sends the mail. Nobody but the person ever knows the password.

            Example: \(Program.name) send-reset-link anna@example.org --reason "forgot it" --ticket T-17
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(
        name: .customLong("local-password"),
        help: "Let somebody who signs in elsewhere set a local password.")
    var localPassword = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await change.run(common, context: change.context(localPassword: localPassword)) { _, _, _ in .sendResetLink
        }
    }
}

struct ResetLinksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-links",
        abstract: "Shows the links that somebody was sent, or takes them back.",
        discussion: """
            Newest first: when it was made, by whom, where it goes, until when it is good, and what became of it: \
            queued, sent, undelivered, used, replaced by a newer one (by earlier versions), revoked, outdated by another change of the \
            password, or expired.

            Example: \(Program.name) reset-links anna@example.org --revoke --reason "not the person"
            """)

    @OptionGroup var change: ChangeOptions
    @Flag(name: .long, help: "Make every link void that is still good.") var revoke = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !revoke, change.says {
            throw ValidationError(
                "--yes, --dry-run, --reason and the like go with --revoke; without it links are only shown.")
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
        if common.json {
            let isSending = links.isEmpty ? false : try await session.changes.mailState().isAsking
            for link in links { try Output.data(Self.object(link, isSending: isSending).text) }
        } else if links.isEmpty {
            Output.say("\(TextForms.who(account)) was sent no link.")
        } else {
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
        object.add("id", link.id.uuidString.lowercased())
        object.add("address", link.address)
        object.add("requested_by", link.wasAskedForByPerson ? "self" : "operator")
        object.add("db_user", link.databaseUser)
        object.add("created_at", link.createdAt.rfc3339)
        object.add("expires_at", link.expiresAt?.rfc3339)
        object.add("state", link.state.rawValue)
        object.add("state_at", link.stateAt?.rfc3339)
        if link.state == .queued { object.add("mail_program_runs", isSending) }
        return object
    }

    private static func line(_ link: ResetLink) -> String {
        let who = link.wasAskedForByPerson ? "asked for by the person" : "sent by \(link.databaseUser)"
        let until = link.expiresAt.map { ", good until \($0.localText)" } ?? ""
        let since = link.stateAt.map { " at \($0.localText)" } ?? ""
        return "\(link.createdAt.localText)  \(link.state.rawValue)\(since)  to \(link.address)\(until), \(who)"
    }
}
