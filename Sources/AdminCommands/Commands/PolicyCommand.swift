import AccountPolicy
internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
internal import Credentials
import JSONText
import OperatingSystem
import ProgramStart
import TerminalKit

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Show or change the rules that apply to everyone.",
        discussion: "Example: \(Program.name) policy set minimum_length=10",
        subcommands: [Show.self, Set.self], defaultSubcommand: Show.self)

    private static func setting(_ name: String) throws -> PolicySetting {
        guard let setting = PolicySetting.all.first(where: { $0.name == name }) else {
            throw AdminError.invalidPolicy(
                setting: name, reason: "unknown. “\(Program.name) policy show” lists all settings.")
        }
        return setting
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show every setting, or those that are named, and what it does.",
            discussion: "Example: \(Program.name) policy show minimum_length links_only")

        @Argument(help: ArgumentHelp("Setting to show.", valueName: "name")) var names: [String] = []
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let settings = names.isEmpty ? PolicySetting.all : try names.map(PolicyCommand.setting)
            let policy = try await common.session().policy
            if common.json {
                var object = JSONObject()
                object.add("format", JSONForms.format)
                for setting in settings {
                    switch setting.kind {
                    case .number: object.add(setting.name, Int(setting.value(policy)))
                    case .flag: object.add(setting.name, setting.value(policy) == "true")
                    case .text: object.add(setting.name, setting.value(policy))
                    case .list: object.add(setting.name, setting.entries(policy))
                    }
                }
                try Output.data(object.text)
            } else {
                for setting in settings {
                    try Output.line("\(setting.name) = \(setting.value(policy))\n    \(setting.meaning)")
                }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Change settings; old and new values are logged.",
            discussion: """
                Separate the entries of a list with commas. NAME=@FILE reads them from a file, separated by commas or \
                lines; NAME= empties the list. breached_passwords=@FILE takes the fingerprint of a list of leaked passwords.

                Example: \(Program.name) policy set minimum_length=10 require_reason=true
                """)

        @Argument(help: ArgumentHelp("Setting and its new value.", valueName: "name=value")) var changes: [String]
        @Option(name: .long, help: "Reason, for the log.") var reason: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let parsed = try changes.map(parse)
            let settings = try common.settings()
            let place = TextForms.place(settings.database.label)
            let session = try await common.session(by: settings)
            guard session.rights.maySetPolicy else { throw AdminError.notPermitted(.setPolicy) }
            let before = session.policy
            let wanted = try PolicyStore.differing(parsed, from: before)
            let receipt = wanted.isEmpty ? nil : try await session.policies.set(wanted, reason: reason)
            let after = receipt == nil ? before : try await session.policies.current()
            let unknown = try await Self.unknownAccounts(wanted, after, session)
            let looser = PolicySetting.all.filter { $0.isLooser(after, than: before) }.map(\.name)
            if common.json {
                var object = JSONObject()
                object.add("format", JSONForms.format)
                object.add("outcome", receipt?.outcome.rawValue ?? "unchanged")
                object.add("sequence", receipt?.sequence)
                object.add("looser", looser)
                object.add("unknown_accounts", unknown)
                try Output.data(object.text)
            } else {
                try Output.line(
                    receipt.map { "Changed. Receipt \($0.sequence)\(place)." }
                        ?? "Nothing to change: already set\(place). Nothing was logged.")
                if !unknown.isEmpty {
                    let names = unknown.map { "“\(DisplayText.visible($0))”" }.joined(separator: ", ")
                    try Output.line(
                        "Warning: nobody has \(names) as e-mail address, username or id, so that protects nobody.")
                }
                if !looser.isEmpty { try Output.line("Looser than before: \(looser.joined(separator: ", ")).") }
            }
        }

        /// Entries of the accounts to protect that are nobody's, where these were changed: most likely slips.
        private static func unknownAccounts(
            _ wanted: [(setting: PolicySetting, text: String)], _ policy: Policy, _ session: AdminSession
        ) async throws -> [String] {
            guard let setting = wanted.first(where: { $0.setting.name == "protected_accounts" })?.setting else {
                return []
            }
            let entries = setting.entries(policy)
            return zip(entries, try await session.accounts.find(all: entries)).compactMap { entry, found in
                if case .failure(.accountUnknown) = found { entry } else { nil }
            }
        }

        /// More than the longest list of passwords that anybody keeps.
        private static let longestList = 16 << 20

        private func parse(_ text: String) throws -> (setting: PolicySetting, text: String) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else { throw CommandFailure(.usage, "Write each change as NAME=VALUE.") }
            let setting = try PolicyCommand.setting(parts[0])
            guard setting.takesFile, parts[1].hasPrefix("@") else { return (setting, parts[1]) }
            let path = String(parts[1].dropFirst())
            if setting.name == "breached_passwords" {
                do { return (setting, try BreachedList(opening: path).fingerprint) } catch {
                    throw CommandFailure(.refused, "The list of leaked passwords \(path) \(error).")
                }
            }
            do {
                let contents = try ReadableFile.contents(of: path, limit: Self.longestList)
                return (setting, String(decoding: contents, as: UTF8.self))
            } catch {
                throw CommandFailure(.refused, "\(path) cannot be read: \(error).")
            }
        }
    }
}
