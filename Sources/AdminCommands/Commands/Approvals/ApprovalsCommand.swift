internal import ArgumentParser
import ConvonetCore
import ProgramStart

struct ApprovalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals",
        abstract: "Shows and decides changes of protected accounts, which need a second person.",
        discussion: """
            An operator's change of a protected account becomes a request. A supervisor, who must be another database \
            user, approves or denies it; then the operator does the same again, once, within the time that the policy \
            gives. The new password or PIN is never stored in between.

            Example: \(Program.name) approvals approve 7
            """,
        subcommands: [List.self, Approve.self, Deny.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists requests, newest first: your own, or for supervisors and auditors everybody's.",
            discussion: "Example: \(Program.name) approvals --all --json")

        @Flag(name: .long, help: "Also those that are over: denied, used, expired, or outdated by a newer row.")
        var all = false
        @Option(name: .long, help: ArgumentHelp("At most so many.", valueName: "number")) var limit = 50
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit takes a number from 1.") }
        }

        func run() async throws {
            let desk = try await common.session().approvals
            var remaining = limit
            var last: Int?
            while remaining > 0 {
                let page = try await desk.page(before: last, all: all, limit: min(remaining, 1000))
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
                Output.say(all ? "There are no requests." : "No request is open. Add --all for those that are over.")
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets the requester do it, once.", discussion: "Example: \(Program.name) approvals approve 7")

        @OptionGroup var decision: DecisionOptions
        @OptionGroup var common: CommonOptions

        func run() async throws { try await decision.run(.approve, common) }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Does not let the requester do it.",
            discussion: "Example: \(Program.name) approvals deny 7 --reason \"nobody called\"")

        @OptionGroup var decision: DecisionOptions
        @OptionGroup var common: CommonOptions

        func run() async throws { try await decision.run(.deny, common) }
    }
}

/// What a decision takes, and its way: shows the request, asks, decides and prints.
struct DecisionOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The request's number.", valueName: "id")) var id: Int
    @Option(name: .long, help: "Why, for the log and the requester.") var reason: String?
    @Flag(name: .long, help: "Do not ask for “yes”; needed without a terminal.") var yes = false

    func run(_ decision: ApprovalDesk.Decision, _ common: CommonOptions) async throws {
        let session = try await common.session()
        guard session.rights.hasRoles else {
            throw CommandFailure(
                .notPermitted,
                "This installation works without roles, so nobody can be told from a second person, and nothing is approved."
            )
        }
        guard session.rights.mayDecide else { throw AdminError.notPermitted(.decideApprovals) }
        let request = try await session.approvals.request(id)
        Output.say(TextForms.approval(request))
        if let account = try await session.accounts.account(id: request.accountID) {
            Output.say("The account now:\n" + TextForms.account(account))
        }
        try Confirmation.ask(decision == .approve ? "Approve this?" : "Deny this?", yes: yes)
        let result = try await session.approvals.decide(request, decision, reason: reason)
        let isDone = result.receipt.outcome == .done
        if common.json {
            try Output.data(JSONForms.decision(result, on: request).text)
        } else if isDone {
            let words = decision == .approve ? "Approved. The requester can do it now, once" : "Denied"
            try Output.line("\(words). Receipt number \(result.receipt.sequence).")
        } else {
            let message = RefusalHint.message(of: result) ?? "no reason given"
            Output.say("Refused: \(message) Receipt number \(result.receipt.sequence).")
        }
        if !isDone { throw CommandFailure.silent(.refused) }
    }
}
