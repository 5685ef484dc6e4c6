import TerminalKit

/// Turns the bytes of a terminal into keys and pastes, however they are split over reads.
///
/// curses would do it with `get_wch`, but swallows up to fifteen good characters after a bad byte, and knows no pastes.
/// Alt and a key, which arrive as Escape and the key in one go, mean nothing: neither of them is reported.
struct InputDecoder {
    /// Bytes of one paste beyond which the rest is dropped.
    static let pasteLimit = 65536

    /// Milliseconds after which an Escape is one: long enough for the rest of a sequence on a line that stutters.
    static let escapeDelay = 150

    private let sequences: KeySequences
    private let escapeDelay: Int
    private var pending: [UInt8] = []
    private var string = StringSequence()
    private var paste: Paste?
    private var ignoresNext = false
    /// Whether an Escape was taken as a key a moment ago: if it was the beginning of a sequence all the same, the rest of it
    /// must not be taken for keys too.
    private var tookEscape = false
    /// Bytes to come of a mouse's report, which follow the sequence and could be any.
    private var mouseBytes = 0
    private var output: [Input] = []
    /// Whether a report of where the cursor stands is due: ESC [ row ; column R, which else would be F3 with a modifier.
    var expectsReport = false

    /// Whether the mouse is of interest; a program before may have left the terminal telling of it.
    private let takesPointer: Bool

    init(
        sequences: KeySequences = KeySequences(), escapeDelay: Int = InputDecoder.escapeDelay,
        takesPointer: Bool = false
    ) {
        self.takesPointer = takesPointer
        self.sequences = sequences
        self.escapeDelay = escapeDelay
    }

    /// The milliseconds without a byte after which ``silence()`` is to be called; nil where nothing is unfinished.
    var patience: Int? {
        if paste != nil || string.hasContent || mouseBytes > 0 { return 1000 }
        if pending.isEmpty { return tookEscape ? 1000 : nil }
        // After the first byte of a sequence it is a key on its own or not; later ones are only ever late.
        if pending[0] == Self.escape { return pending.count == 1 ? escapeDelay : 2000 }
        return 100
    }

    /// Takes what was read and returns what is complete.
    mutating func feed(_ bytes: some Sequence<UInt8>) -> [Input] {
        for byte in bytes { take(byte) }
        return takeOutput()
    }

    /// Nothing more came: what is unfinished is taken as it is.
    mutating func silence() -> [Input] {
        let isEscape = pending == [Self.escape]
        if let paste {
            finish(paste)
        } else if isEscape {
            emit(.key(.escape))
        } else if let first = pending.first, first != Self.escape {
            emit(.key(.character("\u{FFFD}")))
        }
        pending = []
        string = StringSequence()
        ignoresNext = false
        mouseBytes = 0
        tookEscape = isEscape
        return takeOutput()
    }

    /// Forgets what is unfinished: the rest of it, which is still to come, will be dropped.
    mutating func discard() {
        output = []
        paste?.isDropped = true
        if !pending.isEmpty { ignoresNext = true }
    }

    private static let escape: UInt8 = 0x1B

    private mutating func takeOutput() -> [Input] {
        let all = output
        output = []
        return all
    }

    private mutating func emit(_ input: Input) {
        if !ignoresNext { output.append(input) }
        ignoresNext = false
    }

    private mutating func take(_ byte: UInt8) {
        if paste != nil {
            if paste?.take(byte) == true, let paste { finish(paste) }
        } else if mouseBytes > 0 {
            mouseBytes -= 1
        } else if tookEscape, "[O]".utf8.contains(byte) {
            pending = [Self.escape]
            ignoresNext = true
            tookEscape = false
            introduce(byte)
        } else if pending.isEmpty {
            begin(byte)
        } else if pending[0] == Self.escape {
            goOnWithSequence(byte)
        } else {
            goOnWithCharacter(byte)
        }
    }

    private mutating func finish(_ finished: Paste) {
        if !finished.isDropped { output.append(.paste(finished.text)) }
        paste = nil
    }

    private mutating func begin(_ byte: UInt8) {
        tookEscape = false
        switch byte {
        case Self.escape: pending = [byte]
        case 0x0A, 0x0D: emit(.key(.enter))
        case 0x09: emit(.key(.tab))
        case 0x08, 0x7F: emit(.key(.backspace))
        case 0x01...0x1A: emit(.key(.control(Character(Unicode.Scalar(byte + 0x60)))))
        case 0..<0x20: emit(.key(.control(Character(Unicode.Scalar(byte + 0x40)))))
        case 0x20..<0x7F: emit(.key(.character(Character(Unicode.Scalar(byte)))))
        case 0xC2...0xF4: pending = [byte]
        default: emit(.key(.character("\u{FFFD}")))
        }
    }

    private mutating func goOnWithCharacter(_ byte: UInt8) {
        guard byte & 0xC0 == 0x80 else {
            emit(.key(.character("\u{FFFD}")))
            pending = []
            return take(byte)
        }
        pending.append(byte)
        let length = pending[0] < 0xE0 ? 2 : pending[0] < 0xF0 ? 3 : 4
        guard pending.count == length else { return }
        let decoded = String(validating: pending, as: UTF8.self)
        pending = []
        let scalar = decoded?.unicodeScalars.first ?? "\u{FFFD}"
        if scalar.properties.generalCategory == .control {
            ignoresNext = false
        } else {
            emit(.key(.character(Character(scalar))))
        }
    }

    private mutating func goOnWithSequence(_ byte: UInt8) {
        if string.isOpen {
            if string.take(byte) { endSequence(nil) }
            return
        }
        if byte == Self.escape {
            if pending.count == 1 { emit(.key(.escape)) }
            ignoresNext = false
            pending = [byte]
            return
        }
        let sequence = pending + [byte]
        if let key = sequences.key(for: sequence) { return endSequence(key) }
        if pending.count == 1 {
            introduce(byte)
        } else if sequences.isBeginning(sequence) {
            pending = sequence
        } else if pending[1] == UInt8(ascii: "O") {
            // Some terminals put modifiers here.
            if (0x30...0x3B).contains(byte) {
                if pending.count < 64 { pending.append(byte) }
            } else {
                endSequence(KeySequences.keyPad(final: byte))
            }
        } else {
            goOnWithControlSequence(byte)
        }
    }

    /// The byte after an Escape.
    private mutating func introduce(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "O"): pending.append(byte)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "X"):
            pending.append(byte)
            string.isOpen = true
        default:
            if sequences.isBeginning(pending + [byte]) { return pending.append(byte) }
            pending = []
            ignoresNext = true
            begin(byte)
        }
    }

    private mutating func goOnWithControlSequence(_ byte: UInt8) {
        let isLinuxConsole = pending.count == 3 && pending[2] == UInt8(ascii: "[")
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "E") where isLinuxConsole:
            endSequence(.function(Int(byte - UInt8(ascii: "A")) + 1))
        case UInt8(ascii: "[") where pending.count == 2: pending.append(byte)
        case UInt8(ascii: "M") where pending.count == 2:
            endSequence(nil)
            mouseBytes = 3
        case UInt8(ascii: "$") where pending.dropFirst(2).allSatisfy { (0x30...0x39).contains($0) }:
            endControlSequence(byte)
        case 0x20..<0x40: if pending.count < 64 { pending.append(byte) }
        case 0x40..<0x7F: endControlSequence(byte)
        default:
            pending = []
            ignoresNext = false
            take(byte)
        }
    }

    private mutating func endControlSequence(_ final: UInt8) {
        let parameters = String(decoding: pending.dropFirst(2), as: UTF8.self)
        let numbers = SequenceNumbers(parameters)
        if parameters == "200", final == UInt8(ascii: "~") {
            pending = []
            paste = Paste(limit: Self.pasteLimit, isDropped: ignoresNext)
            ignoresNext = false
        } else if takesPointer, parameters.first == "<", "Mm".utf8.contains(final) {
            let pointer = Pointer(report: parameters.dropFirst(), final: final)
            pending = []
            if let pointer { emit(.pointer(pointer)) }
            ignoresNext = false
        } else if expectsReport, final == UInt8(ascii: "R"), let numbers, numbers.count == 2, numbers.arePlain {
            // Never part of what was typed, so nothing that was dropped takes it along.
            output.append(.painted)
            endSequence(nil)
        } else {
            endSequence(numbers.flatMap { KeySequences.key(final: final, numbers: $0) })
        }
    }

    private mutating func endSequence(_ key: Key?) {
        pending = []
        string = StringSequence()
        if let key { emit(.key(key)) }
        ignoresNext = false
    }
}
