internal import CLibpq
import Glibc
import OperatingSystem

/// Owns one PGconn; used from its connection's thread only.
final class ConnectionHandle {
    let connection: OpaquePointer
    /// Where it leads.
    let target: ServerPlace
    private let notices: NoticeLog
    /// What was found out of its role, and what the server had said of that until then.
    private var found: (isStandby: Bool, said: Bool?)?

    /// Begins to connect; `finishConnecting` goes on.
    init(starting values: [String: String], password: UnsafePointer<CChar>?) throws {
        guard let started = Self.start(Self.text(of: values), password) else {
            throw PostgresError.invalidConnectionString(reason: "out of memory")
        }
        connection = started
        target = ServerPlace(values)
        notices = NoticeLog()
        // Codes instead of words: connection failures have no other way to tell their SQLSTATE.
        PQsetErrorVerbosity(connection, PQERRORS_SQLSTATE)
        PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let context, let result else { return }
                Unmanaged<NoticeLog>.fromOpaque(context).takeUnretainedValue().append(result)
            }, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit {
        PQfinish(connection)
    }

    /// Whether it leads to a standby, as far as is known; one that is promoted says so with its next answer.
    var isStandby: Bool {
        guard let found, found.said == saidRole else { return saidRole ?? false }
        return found.isStandby
    }

    func note(isStandby: Bool) { found = (isStandby, saidRole) }

    /// Whether the server says of itself that it is a standby; nil where it does not say.
    var saidRole: Bool? { parameter("in_hot_standby").map { $0 == "on" } }

    private func parameter(_ name: String) -> String? {
        PQparameterStatus(connection, name).map { String(cString: $0) }
    }

    var socket: Int32 { PQsocket(connection) }
    var isBad: Bool { PQstatus(connection) == CONNECTION_BAD }
    /// Whether an answer is still to come that nobody takes.
    var isUsedUp = false
    var isIdle: Bool { !isBad && !isUsedUp && PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// Throws where the connection ended while nobody asked anything. What was not sent is then known not to have been.
    func checkBeforeSending() throws {
        while !isBad, waitFor(socket, Int32(POLLIN), wake: nil, until: Deadline(in: .zero)) == .ready {
            guard PQconsumeInput(connection) == 1 else { break }
            _ = PQisBusy(connection)
            if notices.ending != nil { break }
        }
        guard isBad || notices.ending != nil else { return }
        throw PostgresError.connectionLost(afterSending: false, ending: notices.ending)
    }

    /// Whether the server said since `forgetUnreplicatedCommit` that it did not go on waiting for a standby.
    var sawUnreplicatedCommit: Bool { notices.sawUnreplicatedCommit.isSet }
    func forgetUnreplicatedCommit() { notices.sawUnreplicatedCommit.clear() }

    /// Connects, waiting at most until `deadline` (see `Deadline`).
    func finishConnecting(until deadline: Deadline, _ interruption: WaitInterruption) throws {
        var status = PGRES_POLLING_WRITING
        while status != PGRES_POLLING_OK {
            guard status != PGRES_POLLING_FAILED, !isBad else { throw PostgresError.cannotConnect(failure()) }
            let events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT
            switch waitFor(socket, Int32(events), wake: interruption.wake, until: deadline) {
            case .ready: status = PQconnectPoll(connection)
            case .woken: try interruption.check()
            case .timedOut: throw PostgresError.cannotConnect(ConnectFailure(cause: .timedOut, place: place))
            }
        }
        if let product = ConnectFailure.otherProduct(
            version: parameter("server_version"), cockroach: parameter("crdb_version"))
        {
            throw PostgresError.cannotConnect(ConnectFailure(cause: .otherProduct(product), place: place))
        }
        PQsetnonblocking(connection, 1)
        PQenterPipelineMode(connection)
    }

    /// Asks the server to cancel what runs. PQcancel connects anew and can hang where the network does, so it gets a
    /// thread of its own; `delivered` is set once the server has passed it on.
    func requestCancellation(_ delivered: Flag) {
        guard let cancel = PQgetCancel(connection) else { return delivered.set() }
        // PQcancel is thread-safe by libpq's manual, and only this thread knows the object.
        nonisolated(unsafe) let object = cancel
        detachThread {
            var reason = [CChar](repeating: 0, count: 256)
            PQcancel(object, &reason, Int32(reason.count))
            PQfreeCancel(object)
            delivered.set()
        }
    }

    var place: String {
        let host = PQhost(connection).map { String(cString: $0) } ?? ""
        let port = PQport(connection).map { String(cString: $0) } ?? ""
        if host.hasPrefix("/") { return "the socket in \(host), port \(port)" }
        return host.isEmpty ? "the server" : "\(host), port \(port)"
    }

    /// The password apart from the text, which nothing wipes.
    private static func start(_ text: String, _ password: UnsafePointer<CChar>?) -> OpaquePointer? {
        "dbname".withCString { name in
            "password".withCString { passwordName in
                text.withCString { PQconnectStartParams([name, passwordName, nil], [$0, password, nil], 1) }
            }
        }
    }

    /// As one string, which PQconnectStartParams reads as `dbname`, and not as its own list: that takes an empty value for none, so that an empty `options` would
    /// let PGOPTIONS through.
    static func text(of values: [String: String]) -> String {
        values.map { "\($0.key)=\(Self.quoted($0.value))" }.joined(separator: " ")
    }

    /// A value in libpq's `key='value'` form (its manual, 34.1.1.1).
    private static func quoted(_ value: String) -> String {
        "'" + value.escaping(["\\": "\\\\", "'": "\\'"]) + "'"
    }

    private func failure() -> ConnectFailure {
        let message = String(cString: PQerrorMessage(connection))
        let state = ConnectFailure.serversState(in: message)
        return ConnectFailure(
            cause: state.map(ConnectFailure.Cause.init(serverSaid:)) ?? ConnectFailure.Cause(libpqSaid: message),
            sqlState: state, place: place)
    }
}

/// A field of an error or a notice. The codes are characters in postgres_ext.h.
func field(_ result: OpaquePointer, _ code: some BinaryInteger) -> String? {
    PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
}

/// Fields of an error or a notice; the codes are characters in postgres_ext.h.
enum DiagnosticField {
    /// PG_DIAG_SEVERITY_NONLOCALIZED
    static let severity = UInt8(ascii: "V")
    /// PG_DIAG_SEVERITY
    static let localizedSeverity = UInt8(ascii: "S")
    /// PG_DIAG_MESSAGE_PRIMARY
    static let message = UInt8(ascii: "M")
    /// PG_DIAG_SQLSTATE
    static let sqlState = UInt8(ascii: "C")
    /// PG_DIAG_CONSTRAINT_NAME
    static let constraint = UInt8(ascii: "n")
    /// PG_DIAG_TABLE_NAME
    static let table = UInt8(ascii: "t")
    /// PG_DIAG_COLUMN_NAME
    static let column = UInt8(ascii: "c")
    /// PG_DIAG_SOURCE_FUNCTION
    static let function = UInt8(ascii: "R")
}
