import ConvonetDatabase
public import Credentials
import FoundationEssentials
public import OperatingSystem
import PostgresClient

/// What an operator has to know of a caller: what they have proven, and what became of the code that was sent.
public struct CallerState: Equatable, Sendable {
    /// The points that a change of this account needs; 0 for none.
    public var needed: Int
    /// What was proven to this operator and still counts; nil for nothing.
    public var proof: Proof?
    /// How many more codes may be sent for this account within the hour.
    public var codesLeft: Int
    /// The code that this operator asked for last; nil where there is none.
    public var code: Code?
    /// How the telephone number ends to which one can be sent, too; nil where none can.
    public var phone: String?

    /// What a caller has proven.
    public struct Proof: Equatable, Sendable {
        /// What it is worth.
        public var points: Int
        /// Until when it counts.
        public var until: Timestamp
        /// By which ways, as the log has them.
        public var ways: String

        /// A proof.
        public init(points: Int, until: Timestamp, ways: String = CallerWay.mail.rawValue) {
            (self.points, self.until, self.ways) = (points, until, ways)
        }
    }

    /// A code that was asked for.
    public struct Code: Equatable, Sendable {
        /// Where it is.
        public enum State: String, Equatable, Sendable {
            /// Its mail waits.
            case queued
            /// The mail program took it.
            case sent
            /// The mail program did not take it in time.
            case undelivered
            /// The caller read it back.
            case used
            /// Its ten minutes are over.
            case expired
            /// It was tried too often.
            case tries
            /// This operator asked for another since.
            case replaced
            /// The account has another address since.
            case outdated
        }

        /// Where it is.
        public var state: State
        /// On which way it goes.
        public var way: CallerWay
        /// To whom it goes; of a number only its end.
        public var address: String
        /// Until when it can be entered, or as long as it waits, sent.
        public var until: Timestamp?
        /// How often it can still be entered; nil before it was sent.
        public var triesLeft: Int?
        /// Why its mail was not sent, or not yet.
        public var unsent: UnsentMail?
        /// The halves of keys that belong to it.
        var askerKey: [UInt8]
        var senderKey: [UInt8]?

        /// Whether what the caller reads back may be this code, now or in a moment.
        public var isOpen: Bool { state == .queued || state == .sent }

        /// Whether it was asked for with this key, as far as that is known: only then it can be checked here.
        public func isAskedFor(with key: CallerKey?) -> Bool { askerKey.isEmpty || key?.publicKey == askerKey }
    }

    /// A state with its fields.
    public init(needed: Int, proof: Proof? = nil, codesLeft: Int = 3, code: Code? = nil, phone: String? = nil) {
        (self.needed, self.proof, self.codesLeft, self.code, self.phone) = (needed, proof, codesLeft, code, phone)
    }

    /// Whether a change that asks for proof would be refused for want of it.
    public var lacksProof: Bool { (proof?.points ?? 0) < needed }
}

extension CallerState.Code {
    /// A code of which no key is known: for what only shows it.
    public init(state: State, address: String, until: Timestamp?, triesLeft: Int?, way: CallerWay = .mail) {
        self.init(
            state: state, way: way, address: address, until: until, triesLeft: triesLeft, askerKey: [], senderKey: nil)
    }
}

extension CallerState {
    static func statement(_ account: UUID, _ claims: Parameter) -> Statement {
        """
        SELECT needed, points, proven_until, codes_left, address, state, state_until, tries_left, asker_key, sender_key, \
        ways, way, phone, mail_error, mail_tries \
        FROM convonet_admin.caller_state(\(account), \(claims))
        """
    }

    /// Reads a row of `statement`.
    init(_ row: Row) throws {
        self.init(needed: try row.int(0), codesLeft: try row.int(3), phone: try row.optional(12, row.text))
        if let points = try row.optional(1, row.int) {
            proof = Proof(points: points, until: try row.timestamp(2), ways: try row.text(10))
        }
        guard let name = try row.optional(5, row.text) else { return }
        guard let state = Code.State(rawValue: name), let way = CallerWay(rawValue: try row.text(11)) else {
            throw AdminError.database(.unexpectedResult("a code's state or way that this program does not know"))
        }
        let waits = state == .queued || state == .undelivered
        let (reason, tries) = (waits ? try row.optional(13, row.text) : nil, try row.optional(14, row.int))
        code = Code(
            state: state, way: way, address: try row.text(4), until: try row.optional(6, row.timestamp),
            triesLeft: try row.optional(7, row.int),
            unsent: UnsentMail(reason, tries, isOver: state == .undelivered), askerKey: try row.bytes(8),
            senderKey: try row.optional(9, row.bytes))
    }
}
