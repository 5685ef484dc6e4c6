import ConvonetCore
import ConvonetDatabase
import FoundationEssentials
import HiddenCharacters
import OperatingSystem
import ProgramStart
import TerminalKit

/// Whom a file names, one person a line, by one of its columns. It is read once: what happens to it later changes nothing.
struct PeopleFile {
    /// The file, as it was named.
    let path: String
    /// The header of the column that is read.
    let column: String
    /// What each line says there.
    let entries: [(line: Int, key: String)]
    /// What each line says of the person in the columns that name people, that one among them.
    let names: [[PersonColumn: String]]

    /// The most people of one run.
    static let most = 100_000
    private static let largest = 64 << 20
    /// Headers of columns that are read unasked, the surest first.
    private static let columns = ["id", "email", "e-mail", "username", "account"]

    /// Reads a file. Without a `column` the first of the usual ones is read that is there.
    init(_ path: String, column: String?) throws(CommandFailure) {
        let bytes: [UInt8]
        do {
            bytes = try ReadableFile.contents(of: path, limit: Self.largest)
        } catch {
            throw CommandFailure(.refused, "\(path) cannot be read: \(error).")
        }
        try self.init(path, bytes, column: column)
    }

    init(_ path: String, _ bytes: [UInt8], column: String?) throws(CommandFailure) {
        func wrong(_ line: Int, _ reason: String) -> CommandFailure {
            CommandFailure(.refused, "\(path), line \(line): \(reason). Nothing was changed.")
        }
        var records: [CSVReader.Record]
        do throws(CSVReader.Malformed) {
            records = try CSVReader.records(of: bytes)
        } catch {
            throw wrong(error.line, error.reason)
        }
        while let last = records.last, last.fields == [""] { records.removeLast() }
        guard let header = records.first else { throw CommandFailure(.refused, "\(path) is empty.") }
        let place = try Self.place(of: column, in: header.fields) { wrong(1, $0) }
        records.removeFirst()
        guard !records.isEmpty else {
            throw CommandFailure(.refused, "\(path) has a header and no people. Nothing was changed.")
        }
        guard records.count <= Self.most else {
            throw CommandFailure(
                .refused, "\(path) has \(records.count) people, more than \(Self.most): divide it. Nothing was changed."
            )
        }
        let headers = header.fields.map(Self.plain)
        let naming = headers.indices.compactMap { index in PersonColumn(header: headers[index]).map { (index, $0) } }
        let match = headers.firstIndex(of: "match")
        // Which of two would be held against a person, nobody could know.
        let kinds = naming.map(\.1.rawValue) + headers.filter { $0 == "match" }
        if let twice = kinds.first(where: { kind in kinds.count { $0 == kind } > 1 }) {
            throw wrong(1, "the header has “\(twice)” more than once")
        }
        var entries: [(line: Int, key: String)] = []
        var names: [[PersonColumn: String]] = []
        entries.reserveCapacity(records.count)
        for record in records {
            guard record.fields.count == header.fields.count else {
                throw wrong(
                    record.line,
                    "\(record.fields.count) field\(record.fields.count == 1 ? "" : "s") where the header has \(header.fields.count)"
                )
            }
            let key = record.fields[place]
            guard key.contains(where: { !$0.isWhitespace }) else {
                throw wrong(record.line, "nothing stands in the column “\(DisplayText.visible(header.fields[place]))”")
            }
            // A search that finds nobody shows who is only alike.
            if let match, Self.plain(record.fields[match]) == "alike" {
                throw wrong(
                    record.line,
                    "this person is only alike to what was searched for (column “match”). Look at each, and leave out "
                        + "the column for those who are meant")
            }
            entries.append((record.line, key))
            names.append(Dictionary(uniqueKeysWithValues: naming.map { ($1, record.fields[$0]) }))
        }
        self.path = path
        self.column = header.fields[place]
        self.entries = entries
        self.names = names
    }

    private static func place(
        of column: String?, in header: [String], _ wrong: (String) -> CommandFailure
    ) throws(CommandFailure) -> Int {
        let names = header.map(plain)
        let wanted = column.map { [plain($0)] } ?? columns
        guard let name = wanted.first(where: names.contains) else {
            throw wrong(
                "the header has no column "
                    + (column.map { "“\(DisplayText.visible($0))”" }
                        ?? "\(columns.dropLast().joined(separator: ", ")) or \(columns.last ?? ""); name the one to read with --column")
            )
        }
        let places = names.indices.filter { names[$0] == name }
        guard places.count == 1 else { throw wrong("the header has “\(DisplayText.visible(name))” more than once") }
        return places[0]
    }

    /// A header as it is compared: without what nobody sees, and with one kind of hyphen.
    private static func plain(_ name: String) -> String {
        let seen = name.unicodeScalars.filter { !$0.isHidden }
        return String(String.UnicodeScalarView(seen)).replacing(#/[\u2010-\u2015\u2212]/#, with: "-")
            .split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
    }

    /// Everybody's account; throws where one is not to be found, or twice, with each line of which that is so.
    func accounts(
        _ directory: AccountDirectory, progress: ProgressLine
    ) async throws -> [(line: Int, account: Account)] {
        let found = try await directory.find(all: entries.map(\.key)) { progress.show($0, of: entries.count) }
        progress.clear()
        var people: [(line: Int, account: Account)] = []
        var lines: [UUID: Int] = [:]
        var complaints: [String] = []
        var status = ExitStatus.refused
        for (index, result) in found.enumerated() {
            let entry = entries[index]
            do throws(AdminError) {
                let account = try result.get()
                // One column that was sorted alone would name wrong people.
                for (column, name) in names[index].sorted(by: { $0.key.rawValue < $1.key.rawValue })
                where !column.names(account, name) {
                    complaints.append(
                        "line \(entry.line): “\(DisplayText.visible(name))” in the column \(column.rawValue) is not \(TextForms.who(account))"
                    )
                }
                if let first = lines.updateValue(entry.line, forKey: account.id) {
                    complaints.append(
                        "line \(entry.line): the same person as in line \(first), \(TextForms.who(account))")
                }
                people.append((entry.line, account))
            } catch {
                status = .noAccount
                complaints.append("line \(entry.line): \(Self.words(error))")
            }
        }
        guard complaints.isEmpty else { throw Self.failure(status, path, complaints) }
        return people
    }

    private static func words(_ error: AdminError) -> String {
        guard case .accountUnknown(let key) = error else { return DisplayText.visible(error.description) }
        let shown = key.count > 80 ? key.prefix(80) + "…" : key[...]
        return "no account has the e-mail address, username or id “\(DisplayText.visible(String(shown)))”"
    }

    private static func failure(_ status: ExitStatus, _ path: String, _ complaints: [String]) -> CommandFailure {
        let shown = 20
        var lines = complaints.prefix(shown).map { "  " + $0 }
        if complaints.count > shown { lines.append("  and \(complaints.count - shown) lines more") }
        if status == .noAccount {
            lines.append(
                "Without these lines it is another batch, and everybody in it is changed again who was before. To go on with the same one, "
                    + "give its name with --batch: yours, or the one that a run printed.")
        }
        return CommandFailure(
            status, "\(path) does not name everybody once. Nothing was changed.\n" + lines.joined(separator: "\n"))
    }
}
