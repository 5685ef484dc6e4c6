import ConvonetDatabase
import ProgramStart
import Testing

@testable import SelfService

/// Where metrics may be served.
@Suite struct MetricsAddressTests {
    private func address(_ lines: String) throws -> MetricsAddress? {
        var settings = ServiceSettings()
        try settings.apply(try SettingsDocument(parsing: "[self_service]\n\(lines)\n", path: "config.toml"))
        return settings.metrics
    }

    @Test func nowhereUnlessTold() throws { #expect(try address("") == nil) }

    @Test(arguments: [
        ("metrics_port = 9464", "127.0.0.1", false),
        ("metrics_listen = \"::1\"\nmetrics_port = 9464", "::1", false),
        ("metrics_listen = \"127.5.0.1\"\nmetrics_port = 8080", "127.5.0.1", false),
        ("metrics_listen = \"10.1.2.3\"\nmetrics_port = 8080", "10.1.2.3", true),
        ("metrics_listen = \"fd00::7\"\nmetrics_port = 0", "fd00::7", true),
        (
            "metrics_listen = \"203.0.113.7\"\nmetrics_port = 1\ntls_certificate = \"/c\"\ntls_key = \"/k\"",
            "203.0.113.7", false
        ),
        (
            "metrics_listen = \"0.0.0.0\"\nmetrics_port = 1\ntls_certificate = \"/c\"\ntls_key = \"/k\"", "0.0.0.0",
            false
        ),
        // Nobody knows yet which it will be.
        ("port = 0\nmetrics_port = 0", "127.0.0.1", false),
    ])
    func itIsTakenWhereItDoesNoHarm(lines: String, listen: String, isInTheClear: Bool) throws {
        let address = try #require(try address(lines))
        #expect(address.listen == listen && address.isInTheClear == isInTheClear)
    }

    @Test(arguments: [
        ("metrics_port = 8080", "at the same address"),
        ("listen = \"0.0.0.0\"\nmetrics_port = 8080", "at the same address"),
        ("listen = \"::ffff:127.0.0.1\"\nmetrics_port = 8080", "at the same address"),
        ("listen = \"::\"\nmetrics_listen = \"10.0.0.1\"\nport = 9464\nmetrics_port = 9464", "at the same address"),
        ("metrics_listen = \"0.0.0.0\"\nmetrics_port = 9464", "unless tls_certificate is set"),
        ("metrics_listen = \"::\"\nmetrics_port = 9464", "unless tls_certificate is set"),
        ("metrics_listen = \"203.0.113.7\"\nmetrics_port = 9464", "unless tls_certificate is set"),
        ("metrics_listen = \"172.32.0.1\"\nmetrics_port = 9464", "unless tls_certificate is set"),
        ("metrics_listen = \"localhost\"\nmetrics_port = 9464", "must be an IP address"),
        ("metrics_listen = \"127.0.0.1:9464\"\nmetrics_port = 9464", "must be an IP address"),
        ("metrics_listen = \"\"", "also needs metrics_port"),
        ("metrics_port = -1", "must be a port number"),
        ("metrics_port = \"9464\"", "must be a port number"),
    ])
    func elsewhereItIsRefused(lines: String, words: String) throws {
        let error = #expect(throws: SettingsError.self) { try address(lines) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
