import Synchronization
import Testing

@testable import SelfService

/// Who asks, where a proxy says so and where nobody does.
@Suite struct ClientAddressTests {
    private func client(_ peer: String, _ forwarded: [String]) throws -> ClientAddress {
        ClientAddress(
            peer: peer, forwardedFor: forwarded, trusted: [try #require(AddressRange(parsing: "10.0.0.0/8"))])
    }

    @Test(arguments: [
        ("203.0.113.5", ["1.1.1.1"], "203.0.113.5"), ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6, 1.1.1.1"], "1.1.1.1"), ("10.0.0.1", ["6.6.6.6", "1.1.1.1,10.0.0.2"], "1.1.1.1"),
        ("10.0.0.1", ["6.6.6.6, unknown"], "10.0.0.1"), ("10.0.0.1", ["unknown, 10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        // What becomes one letter with the comma that the proxy puts behind it.
        ("10.0.0.1", ["\u{600}, 1.1.1.1"], "1.1.1.1"), ("10.0.0.1", ["6.6.6.6,\u{308}", "1.1.1.1"], "1.1.1.1"),
    ])
    func theClientIsTheLastWhomNoProxyVouchesFor(peer: String, forwarded: [String], text: String) throws {
        #expect(try client(peer, forwarded).text == text)
    }

    @Test(arguments: [
        ("198.51.100.7:41000", "198.51.100.7"), ("[2001:db8::7]", "2001:db8::7"), ("[2001:db8::7]:443", "2001:db8::7"),
        ("\"[2001:DB8:0::7]:443\"", "2001:db8::7"), ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[::ffff:198.51.100.7]:80", "198.51.100.7"), ("::FFFF:c633:6407", "198.51.100.7"),
        ("\t198.51.100.7 ", "198.51.100.7"), ("fe80::1%eth0", "fe80::1"),
    ])
    func howProxiesWriteAnAddress(entry: String, text: String) throws {
        let found = try client("10.0.0.1", ["6.6.6.6, " + entry])
        #expect(found.text == text && found.isForwarded && found.remark == nil)
        // However the other end's own address is written, it is the same one.
        #expect(try client("::ffff:10.0.0.1", [entry]).text == text)
    }

    @Test(arguments: [
        "", "198.51.100.7:x", "[2001:db8::7", "[2001:db8::7]x", "198.51.100.7.1", "_hidden", "1.2.3.4\0x",
    ])
    func whatIsNoAddressIsSaid(entry: String) throws {
        let found = try client("10.0.0.1", ["6.6.6.6", entry + ","])
        #expect(entry.isEmpty ? found.text == "6.6.6.6" : found.text == "10.0.0.1" && found.remark == .unreadable)
    }

    @Test func aProxyThatIsNotNamedIsSaid() throws {
        #expect(try client("203.0.113.5", ["1.1.1.1"]).remark == .notTrusted)
        #expect(try client("203.0.113.5", []).remark == nil)
        #expect(try client("10.0.0.1", ["1.1.1.1"]).remark == nil)
    }

    @Test func remarksComeOnceInAWhileForEach() {
        let remarks = OccasionalRemarks(every: .seconds(3600))
        #expect(remarks.isTime(for: "a") && remarks.isTime(for: "b") && !remarks.isTime(for: "a"))
        let always = OccasionalRemarks(every: .zero)
        #expect(always.isTime(for: "a") && always.isTime(for: "a"))
    }

    @Test func oneAddressHasOnlySoMuchOpen() {
        let bound = AddressBound(limit: 2)
        #expect(bound.enter("192.0.2.1") && bound.enter("192.0.2.1") && !bound.enter("192.0.2.1"))
        #expect(bound.enter("192.0.2.2"))
        bound.leave("192.0.2.1")
        #expect(bound.enter("192.0.2.1") && !bound.enter("192.0.2.1"))
        for address in ["192.0.2.1", "192.0.2.1", "192.0.2.2"] { bound.leave(address) }
        let isEmpty = bound.open.withLock { $0.isEmpty }
        #expect(isEmpty)
    }

    @Test func aHouseholdAndAProviderCountTogether() {
        let bound = AddressBound(limit: 2)
        // One /64: two. One /56: four, of which two are there. One /48: eight.
        #expect(
            bound.enter("2001:db8:1:100::1") && bound.enter("2001:db8:1:100::2") && !bound.enter("2001:db8:1:100::3"))
        #expect(
            bound.enter("2001:db8:1:101::1") && bound.enter("2001:db8:1:102::1") && !bound.enter("2001:db8:1:103::1"))
        let others = (2...5).map { "2001:db8:1:\($0)00::1" }
        #expect(
            others.allSatisfy { bound.enter($0) } && !bound.enter("2001:db8:1:900::1") && bound.enter("2001:db8:2::1"))
    }
}
