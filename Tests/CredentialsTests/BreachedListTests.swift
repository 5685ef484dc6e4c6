import Glibc
import OperatingSystem
import TestDatabase
import Testing

@testable import Credentials

/// Lists of made-up passwords, as text and as the filter that the script makes of it.
@Suite struct BreachedListTests {
    private static func passwords(_ count: Int, _ name: String = "leaked") -> [Secret] {
        (0..<count).map { Secret(copying: "\(name) number \($0)") }
    }

    /// Both forms of a list.
    private func forms(_ text: String) throws -> (text: BreachedList, filter: BreachedList, BreachedFile) {
        let file = try BreachedFile(text)
        let filter = try file.filter()
        return (try BreachedList(opening: file.path), try BreachedList(opening: filter), file)
    }

    @Test func aHashIsTheOneThatListsHave() {
        // As anybody's sha1sum says of "password".
        #expect(
            BreachedHash(of: Secret(copying: "password")).bytes.hexadecimal
                == "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8")
    }

    @Test(arguments: [1, 2, 89, 95, 200, 5000])
    func everyListedPasswordIsFoundAndNoOther(count: Int) throws {
        let (listed, others) = (Self.passwords(count), Self.passwords(500, "other"))
        let (text, filter, file) = try forms(BreachedFile.lines(listed))
        defer { extendLifetime(file) }
        for password in listed {
            #expect(try text.contains(password))
            #expect(try filter.contains(password))
        }
        for password in others {
            #expect(try !text.contains(password))
            #expect(try !filter.contains(password))
        }
    }

    @Test(arguments: ["\n", "\r\n"])
    func linesMayEndInEitherWayAndTheLastInNone(end: String) throws {
        let listed = Self.passwords(1000)
        var text = BreachedFile.lines(listed, end: end)
        text.removeLast()
        let list = try BreachedFile(text).list()
        for password in listed { #expect(try list.contains(password)) }
    }

    /// Guesses go wrong where hashes are not spread evenly; they must still come to an end.
    @Test func hashesInOneCornerAreFound() throws {
        let listed = Self.passwords(3000)
        let corner = (0..<4000).map { "0000000000" + "\(100_000 + $0)" + String(repeating: "0", count: 24) + ":1\n" }
        let text =
            corner.joined()
            + BreachedFile.lines(listed).split(separator: "\n").filter { $0 > "00001" }.joined(separator: "\n")
        let list = try BreachedFile(text).list()
        for password in listed { #expect(try list.contains(password)) }
        for password in Self.passwords(500, "other") { #expect(try !list.contains(password)) }
    }

    @Test func whatIsNoSuchListSaysWhatItIs() throws {
        func problem(_ text: String) throws -> BreachedListProblem? {
            let file = try BreachedFile(text)
            do throws(BreachedListProblem) { _ = try BreachedList(opening: file.path) } catch { return error }
            return nil
        }
        let lines = BreachedFile.lines(Self.passwords(2000)).split(separator: "\n")
        #expect(try problem("") == .otherForm)
        #expect(try problem("password\n123456\n") == .otherForm)
        #expect(try problem(String(repeating: "x", count: 100_000)) == .otherForm)
        #expect(try problem("8846F7EAEE8FB117AD06BDD830B7586C:12\n") == .otherHash)
        #expect(try problem(lines.reversed().joined(separator: "\n")) == .unsorted)
        #expect(try problem("convonet-admin breach filter and no more") == .damaged)
        #expect(throws: BreachedListProblem.unreadable(.system(ENOENT))) {
            try BreachedList(opening: "/nonexistent/list")
        }
        #expect(throws: BreachedListProblem.unreadable(.notAFile(.directory))) { try BreachedList(opening: "/tmp") }
    }

    @Test func aFilterThatIsCutShortIsRefusedWhenItIsOpenedAndWhenItIsUsed() throws {
        let file = try BreachedFile(BreachedFile.lines(Self.passwords(2000)))
        let path = try file.filter()
        let open = try BreachedList(opening: path)
        #expect(truncate(path, 1000) == 0)
        #expect(throws: BreachedListProblem.damaged) { try BreachedList(opening: path) }
        // It is no reason to let a password through, nor for the program to end.
        #expect(throws: BreachedListProblem.damaged) {
            for password in Self.passwords(50) { _ = try open.contains(password) }
        }
    }

    /// What is no longer there is not taken for not listed.
    @Test(arguments: [100, 5000]) func aListThatIsChangedWhileItIsOpenLetsNothingThrough(count: Int) throws {
        let file = try BreachedFile(BreachedFile.lines(Self.passwords(count)))
        let open = try file.list()
        let passwords = BreachedPasswords(path: file.path)
        #expect(try passwords.contains(Self.passwords(1)[0], inListOf: open.fingerprint))
        #expect(truncate(file.path, 0) == 0)
        #expect(throws: BreachedListProblem.damaged) { try open.contains(Self.passwords(1)[0]) }
        #expect(throws: BreachedPasswords.Unavailable.unusable(path: file.path, .otherForm)) {
            try passwords.contains(Self.passwords(1)[0], inListOf: open.fingerprint)
        }
    }

    @Test func theScriptOverwritesNothing() throws {
        let file = try BreachedFile(BreachedFile.lines(Self.passwords(20)))
        _ = try file.filter()
        #expect(throws: BreachedFile.ScriptFailure.self) { try file.filter() }
        #expect(try file.list().contains(Self.passwords(1)[0]))
    }

    @Test func theScriptRefusesWhatIsNoList() throws {
        let part = (0..<5000).map { "0000" + String($0 + 100_000_000) + String(repeating: "0", count: 27) + ":1\n" }
        let hash = String(repeating: "A", count: 40)
        for text in [
            part.joined(), "+" + hash.dropFirst() + ":1\n", hash + " :1\n", hash + ":1\r" + hash + ":1\n",
            "", "8846F7EAEE8FB117AD06BDD830B7586C:12\n", "x\n",
        ] {
            #expect(throws: BreachedFile.ScriptFailure.self) { try BreachedFile(text).filter() }
        }
        let lines = BreachedFile.lines(Self.passwords(20)).split(separator: "\n").reversed().joined(separator: "\n")
        #expect(throws: BreachedFile.ScriptFailure.self) { try BreachedFile(lines).filter() }
    }

    @Test func anotherListHasAnotherFingerprintAndACopyTheSame() throws {
        let text = BreachedFile.lines(Self.passwords(3000))
        let (one, filter, file) = try forms(text)
        defer { extendLifetime(file) }
        let other = try BreachedFile(BreachedFile.lines(Self.passwords(3001))).list()
        #expect(try BreachedFile(text).list().fingerprint == one.fingerprint)
        #expect(Set([one.fingerprint, filter.fingerprint, other.fingerprint]).count == 3)
        #expect(one.fingerprint.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    }

    @Test func aListThatIsReplacedIsOpenedAnewWhereThePolicyRequiresIt() throws {
        let (old, new) = (BreachedFile.lines(Self.passwords(50)), BreachedFile.lines(Self.passwords(60)))
        let file = try BreachedFile(old)
        let passwords = BreachedPasswords(path: file.path)
        let first = try BreachedList(opening: file.path).fingerprint
        #expect(try !passwords.contains(Secret(copying: "leaked number 55"), inListOf: first))
        try file.replace(new)
        let second = try BreachedList(opening: file.path).fingerprint
        #expect(try passwords.contains(Secret(copying: "leaked number 55"), inListOf: second))
        #expect(throws: BreachedPasswords.Unavailable.other(path: file.path, fingerprint: second)) {
            try passwords.contains(Secret(copying: "x"), inListOf: first)
        }
    }

    @Test func thePolicyDecidesWhetherItIsLookedUp() throws {
        let file = try BreachedFile(BreachedFile.lines([Secret(copying: "kettle orbit amaze canyon")]))
        let breached = BreachedPasswords(path: file.path)
        let required = try file.list().fingerprint
        var policy = PasswordPolicy.standard
        func rules(_ text: String, _ breached: BreachedPasswords) -> [PasswordRule] {
            PasswordAssessment.assess(
                Secret(copying: text), policy: policy, context: .nobody, breached: breached
            ).findings.map(\.rule)
        }
        #expect(rules("kettle orbit amaze canyon", breached).isEmpty)
        policy.breachedList = required
        #expect(rules("kettle orbit amaze canyon", breached) == [.breached])
        #expect(rules("kettle orbit amaze lettuce", breached).isEmpty)
        #expect(rules("kettle orbit amaze lettuce", .none) == [.unchecked])
        policy.breachedList = String(repeating: "0", count: 32)
        #expect(rules("kettle orbit amaze lettuce", breached) == [.unchecked])
        // What is made up needs no list.
        #expect(try PasswordGenerator(policy: policy).generate().codePointCount > 0)
    }
}
