import ConvonetCore
import FoundationEssentials
import Glibc
import HTTPTypes
import OperatingSystem
import Synchronization
import Testing

@testable import SelfService

@Suite struct ValueTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("10.0.0.0/8", "10.255.0.1", true),
        ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/9", "10.128.0.1", false), ("::1", "::1", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true), ("0.0.0.0/0", "198.51.100.1", true), ("0.0.0.0/0", "::1", false),
        ("::1", "nonsense", false),
    ])
    func rangesOfAddresses(range: String, address: String, isIn: Bool) throws {
        let range = try #require(AddressRange(parsing: range))
        #expect((IPAddress(address).map(range.contains) ?? false) == isIn)
    }

    @Test(arguments: ["", "proxy", "1.2.3", "1.2.3.4/33", "1.2.3.4/-1", "::/129", "1.2.3.4/8/8", "1.2.3.4/"])
    func whatIsNoRange(text: String) { #expect(AddressRange(parsing: text) == nil) }

    @Test(arguments: [
        ("a@b.example", true), ("o'neil+x@mail.example.org", true), ("a@b", true), ("", false), ("a", false),
        ("@b.example", false), ("a@", false), ("a@b@c", false), ("a b@c.example", false),
        ("a@b.example\nBcc: c", false),
        ("a@b.example,c@d.example", false), ("\"a\"@b.example", false), ("-f@b.example", false),
        ("a@-b.example", false),
        ("a@b.example;x", false), ("ä@b.example", false), ("a(x)@b.example", false),
        (String(repeating: "a", count: 65) + "@b.example", false), ("Ann <a@b.example>", false),
    ])
    func addressesThatCanStandInAHeader(text: String, isUsable: Bool) {
        #expect((MailAddress(to: text) != nil) == isUsable)
    }

    /// The library reads a header before it verifies anything, and ends the process at a number that is too large.
    @Test(arguments: [
        #"{"alg":"HS256","x":1e300}"#, #"{"alg":"HS256","x":99944444444444449999}"#, #"{"alg":"HS256","x":[1e300]}"#,
        #"{"alg":"HS256","x":{"y":-1e99}}"#, #"{"alg":"HS256","typ":7}"#, #"{"x":1e300,"alg":"HS256","x":"1"}"#,
        "[1e300]", "1e300", "",
    ])
    func aHeaderThatIsNotPlainIsNoToken(header: String) async {
        let part = Base64.encodedForURL(header.utf8)
        let tokens = await AccessTokens(key: String(repeating: "k", count: 32))
        for rest in [".e30.", ".e30.AAAA", "", "."] { #expect(await tokens.read(part + rest) == nil) }
    }

    @Test func headersInOtherScriptsAreEncoded() {
        #expect(MailMessage.encoded("Plain words - 1.2") == "Plain words - 1.2")
        #expect(MailMessage.encoded("Größe") == "=?utf-8?B?R3LDtsOfZQ==?=")
        let long = MailMessage.encoded(String(repeating: "ß", count: 60))
        #expect(long.split(separator: "\n").allSatisfy { $0.utf8.count <= 76 })
        #expect(!MailMessage.encoded("a\r\nBcc: x@example.org").contains("\r"))
        #expect(MailMessage.dateText(Date(timeIntervalSince1970: 1_772_979_368)) == "Sun, 08 Mar 2026 14:16:08 +0000")
    }

    @Test func templatesAreFilledOnce() {
        #expect(TextTemplate.filled("{{a}}-{{b}}-{{c}}{{", ["a": "{{b}}", "b": "2"]) == "{{b}}-2-{{c}}{{")
        #expect(TextTemplate.places(in: "{{a}} {{b}} {{a}} {{") == ["a", "b"])
        #expect(HTMLText.escaped("<a href='x' title=\"&\">") == "&lt;a href=&#39;x&#39; title=&quot;&amp;&quot;&gt;")
    }

    @Test(arguments: [
        ("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", nil), ("Bearer ", nil), ("", nil), (nil, nil),
        ("Bearer a b", nil),
    ])
    func bearerTokens(header: String?, token: String?) { #expect(BearerToken.parse(header) == token) }

    @Test func bodiesAsFormsAndAsJSON() throws {
        let form = try RequestFields(Array("a=%C3%A4+b&c=&d".utf8), .form)
        #expect(form["a"] == "ä b" && form["c"] == nil && form["d"] == nil)
        for text in ["a=%C3", "a=%zz", "a=%4", "a=%+1"] {
            #expect(throws: RequestFields.Fault.malformed) { try RequestFields(Array(text.utf8), .form) }
        }
        let json = try RequestFields(Array(#"{"a": "\u00e4", "b": null, "c": ""}"#.utf8), .json)
        #expect(json["a"] == "ä" && json["b"] == nil && json["c"] == nil)
        #expect(throws: RequestFields.Fault.notText(field: "a")) {
            try RequestFields(Array(#"{"a": [1]}"#.utf8), .json)
        }
        #expect(throws: RequestFields.Fault.malformed) { try RequestFields(Array("[]".utf8), .json) }
        #expect(throws: RequestFields.Fault.unsupportedType) {
            try RequestFields.format(of: "text/plain", takesForm: true)
        }
        #expect(try RequestFields.format(of: "application/JSON ; charset=utf-8", takesForm: false) == .json)
    }

    /// Holds work up until it is opened, and counts how much is under way.
    private final class Gate: Sendable {
        private let state = Mutex((isOpen: false, running: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func open() { state.withLock { $0.isOpen = true } }

        func pass() {
            state.withLock { state in
                state.running += 1
                state.most = max(state.most, state.running)
            }
            while !state.withLock({ $0.isOpen }) { sched_yield() }
            state.withLock { $0.running -= 1 }
        }
    }

    @Test func nothingIsLostInTheQueueAndNoMoreRunsThanMay() async throws {
        let (queue, gate) = (HashingQueue(threads: 2, capacity: 3), Gate())
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<9 {
                group.addTask {
                    do {
                        try await queue.run { gate.pass() }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            // Two run, three wait: the other four are turned away while nothing moves.
            var outcomes: [Bool] = []
            for _ in 0..<4 { outcomes.append(await group.next() ?? true) }
            while gate.most < 2 { await Task.yield() }
            gate.open()
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        #expect(outcomes == [false, false, false, false, true, true, true, true, true])
        #expect(gate.most == 2)
        #expect(try await queue.run { 7 } == 7)
    }

    /// Whoever has no token gets a part of the line, however many they are: the rest is for those who have one.
    @Test func strangersLeaveRoomForOthers() async throws {
        let (queue, gate) = (HashingQueue(threads: 2, capacity: 16), Gate())
        let outcomes = await withTaskGroup(of: (Bool, isStranger: Bool).self) { group in
            // Two from each address.
            for number in 0..<20 {
                group.addTask { ((try? await queue.run(forStranger: "\(number / 2)") { gate.pass() }) != nil, true) }
            }
            var outcomes: [(Bool, isStranger: Bool)] = []
            for _ in 0..<18 { outcomes.append(await group.next() ?? (true, true)) }
            for _ in 0..<16 { group.addTask { ((try? await queue.run { gate.pass() }) != nil, false) } }
            while gate.most < 2 { await Task.yield() }
            gate.open()
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        #expect(outcomes.filter { $0.isStranger && $0.0 }.count == 2)
        #expect(outcomes.filter { !$0.isStranger }.allSatisfy { $0.0 })
        #expect(try await queue.run(forStranger: "1") { 7 } == 7)
        let alone = await withTaskGroup(of: Bool.self) { group in
            let gate = Gate()
            for _ in 0..<2 { group.addTask { (try? await queue.run(forStranger: "1") { gate.pass() }) != nil } }
            let first = await group.next() ?? true
            gate.open()
            return (first, await group.next() ?? false)
        }
        #expect(alone == (false, true))
    }

    /// A new hash is two computations: each holds a thread of the queue, and a request that is turned away starts neither.
    @Test func aHashHoldsAsManyThreadsAsItUses() async throws {
        let (queue, gate) = (HashingQueue(threads: 2, capacity: 1), Gate())
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { (try? await queue.runTwice { gate.pass() }) != nil }
            }
            // One holds both threads, one waits.
            var outcomes: [Bool] = []
            for _ in 0..<2 { outcomes.append(await group.next() ?? true) }
            while gate.most < 2 { await Task.yield() }
            gate.open()
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        #expect(outcomes == [false, false, true, true])
        #expect(gate.most == 2)
        let alone = HashingQueue(threads: 1, capacity: 1)
        #expect(try await alone.runTwice { 7 } == (7, 7))
    }
}
