/// Labels of domain names in other scripts, as DNS spells them (RFC 3492, with the parameters of IDNA).
enum Punycode {
    private static let base = 36
    private static let lowest = 1
    private static let highest = 26

    /// The label in ASCII, without `xn--`; nil where it is too long to count.
    static func encode(_ label: String) -> String? {
        let scalars = label.unicodeScalars.map { Int($0.value) }
        let plain = scalars.filter { $0 < 0x80 }
        var output = plain.map { UInt8($0) }
        if !output.isEmpty { output.append(UInt8(ascii: "-")) }
        var (next, delta, bias, written) = (0x80, 0, 72, plain.count)
        while written < scalars.count {
            guard let smallest = scalars.filter({ $0 >= next }).min() else { return nil }
            let (step, isTooLong) = (smallest - next).multipliedReportingOverflow(by: written + 1)
            guard !isTooLong, step < Int(Int32.max) - delta else { return nil }
            delta += step
            next = smallest
            for scalar in scalars {
                if scalar < next { delta += 1 }
                guard scalar == next else { continue }
                output += digits(of: delta, bias)
                bias = adapted(delta, written + 1, isFirst: written == plain.count)
                (delta, written) = (0, written + 1)
            }
            (delta, next) = (delta + 1, next + 1)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The label that was spelt so, without `xn--`; nil where nothing is.
    static func decode(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        let hyphen = bytes.lastIndex(of: UInt8(ascii: "-"))
        var scalars = hyphen.map { bytes[..<$0].map { Int($0) } } ?? []
        guard scalars.allSatisfy({ $0 < 0x80 }) else { return nil }
        var rest = bytes[(hyphen.map { $0 + 1 } ?? 0)...]
        var (next, index, bias) = (0x80, 0, 72)
        while !rest.isEmpty {
            let before = index
            var (weight, place) = (1, base)
            while true {
                guard let byte = rest.popFirst(), let digit = value(of: byte) else { return nil }
                guard digit <= (Int(Int32.max) - index) / weight else { return nil }
                index += digit * weight
                let limit = threshold(place, bias)
                if digit < limit { break }
                guard weight <= Int(Int32.max) / (base - limit) else { return nil }
                weight *= base - limit
                place += base
            }
            let count = scalars.count + 1
            bias = adapted(index - before, count, isFirst: before == 0)
            next += index / count
            index %= count
            scalars.insert(next, at: index)
            index += 1
        }
        var label = String.UnicodeScalarView()
        for value in scalars {
            guard let scalar = Unicode.Scalar(UInt32(value)) else { return nil }
            label.append(scalar)
        }
        return String(label)
    }

    private static func digits(of number: Int, _ bias: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var (rest, place) = (number, base)
        while true {
            let limit = threshold(place, bias)
            if rest < limit { return digits + [letter(rest)] }
            digits.append(letter(limit + (rest - limit) % (base - limit)))
            rest = (rest - limit) / (base - limit)
            place += base
        }
    }

    private static func threshold(_ place: Int, _ bias: Int) -> Int { min(max(place - bias, lowest), highest) }

    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var (delta, places) = (isFirst ? delta / 700 : delta / 2, 0)
        delta += delta / count
        while delta > (base - lowest) * highest / 2 {
            delta /= base - lowest
            places += base
        }
        return places + (base - lowest + 1) * delta / (delta + 38)
    }

    private static func letter(_ digit: Int) -> UInt8 {
        UInt8(digit < 26 ? digit + 0x61 : digit - 26 + 0x30)
    }

    private static func value(of byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30 + 26
        case 0x41...0x5A: Int(byte) - 0x41
        case 0x61...0x7A: Int(byte) - 0x61
        default: nil
        }
    }
}
