import AuditVerification
import ConvonetCore
import ConvonetDatabase
import EmailAddresses
import OperatingSystem
import PostgresClient

@testable import AdminCommands

/// Files that somebody made: of the log's evidence, of people, and addresses.
extension FuzzTarget {
    private static var log: LogIdentity {
        LogIdentity(database: "fuzz", installedAt: Timestamp(microseconds: 1))
    }

    /// Lines of the system's log: whatever they say, they accuse nobody twice.
    @Sendable static func journal(_ bytes: [UInt8]) throws {
        var journal = AuditJournal(of: log)
        let head = "audit-head format=1 database=fuzz log=1 "
        for line in text(bytes).split(separator: "\n") {
            journal.take(line)
            journal.take(head + line)
            let count = journal.evidence.anchors.count
            journal.take(head + line)
            try require(journal.evidence.anchors.count == count, "accused twice")
        }
    }

    @Sendable static func checkpoint(_ bytes: [UInt8]) throws {
        _ = AuditCheckpoint.anchor(parsing: text(bytes))
        _ = AuditCheckpoint.isAbout(log, text(bytes))
    }

    /// A list of people: what is read, written anew with every field in quotes, says the same.
    @Sendable static func people(_ bytes: [UInt8]) throws {
        guard let records = try? CSVReader.records(of: bytes) else { return }
        _ = try? PeopleFile("fuzz.csv", bytes, column: nil)
        let written = records.map { record in
            record.fields.map { "\"" + $0.escaping(["\"": "\"\""]) + "\"" }.joined(separator: ",")
        }.joined(separator: "\n")
        guard !written.isEmpty else { return }
        let again = try? CSVReader.records(of: Array(written.utf8))
        try require(again?.map(\.fields) == records.map(\.fields), "written anew, it says something else")
    }

    /// An address that mail can go to: read from its own two spellings, it is the same address.
    @Sendable static func mail(_ bytes: [UInt8]) throws {
        guard let address = EmailAddress(typed: text(bytes)), address.isDeliverable else { return }
        try require(EmailAddress(typed: address.unicode)?.ascii == address.ascii, "\(address)")
        try require(EmailAddress(typed: address.ascii)?.ascii == address.ascii, "\(address)")
    }
}
