/// The spelling alphabet of the ICAO, to read a generated password out.
public enum PhoneticAlphabet {
    /// A word for each character, in groups that end behind each dash: "Kilo", "mike", "seven", "dash".
    ///
    /// A capital letter's word is capitalised, a small one's is not. A character without a word stands for itself. The
    /// words spell the secret out, so they are as secret.
    public static func spelled(_ secret: Secret) -> [[String]] {
        var groups: [[String]] = [[]]
        var startsGroup = false
        secret.forEachScalar { scalar in
            if startsGroup { groups.append([]) }
            startsGroup = scalar == "-"
            groups[groups.count - 1].append(word(for: scalar))
        }
        return groups.filter { !$0.isEmpty }
    }

    private static func word(for scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "a"..."z": return letters[Int(scalar.value - 0x61)]
        case "A"..."Z":
            let word = letters[Int(scalar.value - 0x41)]
            return word.prefix(1).uppercased() + word.dropFirst()
        case "0"..."9": return digits[Int(scalar.value - 0x30)]
        case "-": return "dash"
        case " ": return "space"
        default: return String(Character(scalar))
        }
    }

    private static let letters = [
        "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima",
        "mike",
        "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey", "x-ray",
        "yankee",
        "zulu",
    ]

    private static let digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
}
