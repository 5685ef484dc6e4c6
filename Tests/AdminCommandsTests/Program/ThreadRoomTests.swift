import Testing

@testable import ProgramStart

/// What limits of the system say, as it writes them.
@Suite struct ThreadRoomTests {
    @Test(arguments: [
        (103, nil, [(Int, Int)](), true), (103, 113, [], false), (103, 114, [], true), (103, nil, [(90, 100)], true),
        (103, nil, [(91, 100)], false), (103, nil, [(1, 1000), (998, 1000)], false), (1490, nil, [], false),
    ])
    func onlyWhatFitsEverywhereIsCertain(tasks: Int, user: Int?, groups: [(Int, Int)], isCertain: Bool) {
        let room = ThreadRoom(tasks: tasks, userLimit: user, groups: groups.map { (used: $0.0, limit: $0.1) })
        #expect(room.isCertain(for: 10) == isCertain)
    }

    @Test(arguments: [
        ("0.11 0.29 1.39 1/103 14369", 103), ("0.11 0.29 1.39 103 14369", 103), ("0.11 0.29 1.39", nil), ("", nil),
        ("0.11 0.29 1.39 1/x 14369", nil),
    ])
    func tasksAreCounted(load: String, tasks: Int?) {
        #expect(ThreadRoom.tasks(in: load) == tasks)
    }

    /// A group that is not seen from here, in either form, leaves nothing certain.
    @Test(arguments: ["", "0:", "0::/../other", "8:pids:/../other\n0::/", "3:cpuset:/"])
    func whatIsNotKnownIsNotCertain(membership: String) {
        #expect(ThreadRoom.directories(in: membership) == nil)
    }

    /// On the machine that runs the tests, whichever of the two forms it has.
    @Test func everyGroupAboveCounts() throws {
        let forms = ["7:pids,cpu:/a/b:c\n0::/x", "0::/a/b:c"].compactMap(ThreadRoom.directories)
        let form = try #require(forms.first)
        #expect(form.count == 3 && form[2].hasSuffix("/a/b:c") && form[1].hasSuffix("/a") && form[2].hasPrefix(form[0]))
    }
}
