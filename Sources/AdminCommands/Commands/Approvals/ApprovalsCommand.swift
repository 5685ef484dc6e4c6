internal import ArgumentParser
import ConvonetCore
import ConvonetDatabase
internal import JSONText
import ProgramStart

struct ApprovalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals",
        abstract: "List, approve or deny changes to protected accounts.",
        discussion: """
            A change to a protected account becomes a request. A supervisor, who must be another database user, approves \
            or denies it. The operator then repeats the change, once, within the time that the policy allows. The new \
            password or PIN is never stored in between.

            Example: \(Program.name) approvals approve 7
            """,
        subcommands: [List.self, Approve.self, Deny.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List requests, newest first: your own, or everyone's for supervisors and auditors.",
            discussion: "Example: \(Program.name) approvals --all --json")

        @Flag(name: .long, help: "Include past requests: denied, used, expired or outdated.")
        var all = false
        @Option(name: .long, help: ArgumentHelp("Maximum number of results.", valueName: "number")) var limit = 50
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit must be 1 or more.") }
        }

        func run() async throws {
            let approvals = try await common.session().approvals
            var remaining = limit
            var last: Int?
            while remaining > 0 {
                let page = try await approvals.page(before: last, all: all, limit: min(remaining, 1000))
                if page.isEmpty { break }
                for request in page {
                    if common.json {
                        try Output.data(JSONForms.approval(request).text)
                    } else {
                        try Output.line(TextForms.approvalLine(request))
                    }
                }
                remaining -= page.count
                last = page.last?.id
            }
            if last == nil, !common.json {
                Output.say(all ? "No requests." : "No pending approvals. Add --all for past requests.")
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "approve",
            abstract: "Approve a request: the requester can make the change, once.",
            discussion: "Example: \(Program.name) approvals approve 7")

        @OptionGroup var decision: DecisionOptions
        @OptionGroup var common: CommonOptions

        func run() async throws { try await decision.run(.approve, common) }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "deny",
            abstract: "Deny a request.",
            discussion: "Example: \(Program.name) approvals deny 7 --reason \"nobody called\"")

        @OptionGroup var decision: DecisionOptions
        @OptionGroup var common: CommonOptions

        func run() async throws { try await decision.run(.deny, common) }
    }
}

/// What a decision takes, and its way: shows the request, asks, decides and prints.
struct DecisionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Number of the request.", valueName: "id")) var id: Int
    @Option(name: .long, help: "Reason, shown to the requester and logged.") var reason: String?
    @Flag(name: .long, help: "Skip the confirmation; required without a terminal.") var yes = false

    func run(_ decision: ApprovalQueue.Decision, _ common: CommonOptions) async throws {
        let settings = try common.settings()
        let label = settings.database.label
        let session = try await common.session(by: settings)
        guard session.rights.hasRoles else {
            throw CommandFailure(
                .notPermitted,
                "This installation has no roles, so it cannot tell a second person apart: nothing can be approved."
            )
        }
        guard session.rights.mayDecide else { throw AdminError.notPermitted(.decideApprovals) }
        let request = try await session.approvals.request(id)
        Output.say(TextForms.approval(request))
        if let account = try await session.accounts.account(id: request.accountID) {
            Output.say("\nThe account now:\n" + TextForms.account(account))
        }
        let question = decision == .approve ? "Approve this request?" : "Deny this request?"
        try Confirmation.ask(question, in: label, yes: yes)
        let result = try await session.approvals.decide(request, decision, reason: reason)
        let isDone = result.receipt.outcome == .done
        if common.json {
            try Output.data(JSONForms.decision(result, on: request).text)
        } else if isDone {
            let words = decision == .approve ? "Approved. The requester can now make the change, once" : "Denied"
            try Output.line("\(words). Receipt \(result.receipt.sequence)\(TextForms.place(label)).")
        } else {
            let message = RefusalHint.message(of: result) ?? "no reason given"
            Output.say("Refused: \(message) Receipt \(result.receipt.sequence)\(TextForms.place(label)).")
        }
        if !isDone { throw CommandFailure.silent(.refused) }
    }
}
