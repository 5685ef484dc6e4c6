internal import ArgumentParser
import ConsoleRequests

extension MigrateCommand {
    /// What one run does: one of these, and nothing else.
    enum Work: CaseIterable {
        case install, detach, uninstall, buildIndex, dropIndex
    }

    /// An option that was given, and the work that heeds it.
    private struct Given {
        var name: String
        var works: Set<Work>
    }

    /// Refuses what one run would not do: an option that its work does not heed, and two that say the opposite.
    ///
    /// An option is in this list or it is heeded always, like `--yes`.
    func checkTogether() throws {
        let given = given
        for (index, first) in given.enumerated() {
            for second in given[..<index] where first.works.isDisjoint(with: second.works) {
                throw ValidationError(
                    "\(second.name) and \(first.name) cannot be combined. Run migrate once for each.")
            }
        }
        if export != nil, !uninstall { throw ValidationError("--export needs --uninstall.") }
        for (first, second, why) in contradictions where first.1 && second.1 {
            throw ValidationError("Use either \(first.0) or \(second.0): \(why).")
        }
    }

    private var given: [Given] {
        let all: [(String, Bool, Set<Work>)] = [
            ("--detach", detach, [.detach]), ("--uninstall", uninstall, [.uninstall]),
            ("--search-index", searchIndex, [.buildIndex]), ("--drop-search-index", dropSearchIndex, [.dropIndex]),
            ("--export", export != nil, [.uninstall]),
            ("--print", print, Set(Work.allCases).subtracting([.uninstall])),
            ("--role-prefix", rolePrefix != nil, [.install]), ("--without-roles", withoutRoles, [.install]),
            ("--watch-direct-changes", watch, [.install]), ("--unwatch", unwatch, [.install]),
            ("--rebuild", rebuild, [.install]), ("--follow-log", followLog, [.install]),
        ]
        return (all + grantOptions.map { ($0.0, !$0.1.isEmpty, [.install]) }).filter(\.1)
            .map { Given(name: $0.0, works: $0.2) }
    }

    private var grantOptions: [(String, [String])] {
        [
            ("--grant-viewer", viewers), ("--grant-operator", operators), ("--grant-auditor", auditors),
            ("--grant-supervisor", supervisors), ("--grant-selfservice", selfServices),
            ("--grant-application", applications), ("--grant-scheduler", schedulers),
        ]
    }

    private typealias Option = (String, Bool)

    /// What the same work heeds, but not together.
    private var contradictions: [(Option, Option, String)] {
        let without = ("--without-roles", withoutRoles)
        return [
            (("--watch-direct-changes", watch), ("--unwatch", unwatch), "each undoes the other"),
            (("--print", print), ("--json", common.json), "the output of --print is SQL"),
            (("--print", print), ("--yes", yes), "--print changes nothing"),
            (without, ("--role-prefix", rolePrefix != nil), "without roles there is no prefix"),
        ] + grantOptions.map { (without, ($0.0, !$0.1.isEmpty), "without roles there are no groups") }
    }
}
