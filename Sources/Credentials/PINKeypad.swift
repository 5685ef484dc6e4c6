/// Lines and shapes on a telephone's keypad, which fingers find by themselves.
///
///     1 2 3
///     4 5 6
///     7 8 9
///       0
///
/// - Any length: keys one after another round the edge, from any key, either way: 1236, 47896.
/// - Four digits: the middle column, 2580 and 0852; the four corners and the four sides 2, 6, 8, 4, and each block of four
///   keys, round (from any key, either way) or crossed (a side, a diagonal, a side: 1397, 1245).
/// - Five digits: two lines of three keys that meet in a key, such as 15963 or 74123.
/// - Six digits: two rows, two columns or both diagonals, each either way: 147258, 456123, 159753.
enum PINKeypad {
    /// Every such PIN, as ``key(_:)`` writes it: 114 of four digits, 32 of five, 72 of six.
    static let shapes: Set<Int> = Set((edges + rounds + joinedLines + pairedLines).map(key))

    /// One number for a PIN: its length and then its digits, so that leading zeros count.
    static func key(_ digits: [UInt8]) -> Int {
        var number = digits.count
        for digit in digits { number = number * 10 + Int(digit) }
        return number
    }

    private static let edge: [UInt8] = [1, 2, 3, 6, 9, 8, 7, 4]

    private static var edges: [[UInt8]] {
        PINRules.lengthRange.flatMap { length in walks(round: edge, length: length) }
    }

    private static var rounds: [[UInt8]] {
        let squares: [[UInt8]] = [
            [1, 3, 9, 7], [2, 6, 8, 4], [1, 2, 5, 4], [2, 3, 6, 5], [4, 5, 8, 7], [5, 6, 9, 8],
        ]
        let crossed = squares.flatMap { square in
            // A key, its neighbour, then over the diagonal: the last two of the round change places.
            walks(round: square, length: 4).map { [$0[0], $0[1], $0[3], $0[2]] }
        }
        return [[2, 5, 8, 0], [0, 8, 5, 2]] + squares.flatMap { walks(round: $0, length: 4) } + crossed
    }

    private static let families: [[[UInt8]]] = [
        [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 4, 7], [2, 5, 8], [3, 6, 9]], [[1, 5, 9], [3, 5, 7]],
    ]

    private static func bothWays(_ lines: [[UInt8]]) -> [[UInt8]] { lines + lines.map { $0.reversed() } }

    private static var joinedLines: [[UInt8]] {
        let lines = bothWays(families.flatMap { $0 })
        return lines.flatMap { first in
            lines.filter { $0[0] == first[2] && $0[2] != first[0] }.map { first + $0.dropFirst() }
        }
    }

    private static var pairedLines: [[UInt8]] {
        families.flatMap { family in
            let lines = bothWays(family)
            return lines.flatMap { first in
                lines.filter { !$0.contains(first[0]) || $0[1] != first[1] }.map { first + $0 }
            }
        }
    }

    private static func walks(round keys: [UInt8], length: Int) -> [[UInt8]] {
        let count = keys.count
        return keys.indices.flatMap { start in
            [1, count - 1].map { step in (0..<length).map { keys[(start + $0 * step) % count] } }
        }
    }
}
