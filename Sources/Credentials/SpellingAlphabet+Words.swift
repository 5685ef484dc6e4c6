extension SpellingAlphabet {
    /// What is said for what.
    struct Words: Sendable {
        /// For a to z.
        var letters: [String]
        /// For 0 to 9.
        var digits: [String]
        /// Said before the word of a letter that is a capital.
        var capital: String
        var dash: String
        var space: String
        /// Further small letters.
        var others: [Unicode.Scalar: String] = [:]

        func word(for scalar: Unicode.Scalar) -> String? {
            switch scalar {
            case "a"..."z": letters[Int(scalar.value - 0x61)]
            case "0"..."9": digits[Int(scalar.value - 0x30)]
            case "-": dash
            case " ": space
            default: others[scalar]
            }
        }
    }

    var words: Words {
        switch self {
        case .icao: Self.international
        case .din5009: Self.german
        case .french: Self.gallic
        }
    }

    private static let international = Words(
        letters: [
            "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima",
            "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey",
            "x-ray", "yankee", "zulu",
        ],
        digits: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        capital: "CAPITAL", dash: "dash", space: "space")

    // “zwo”, as it is said on the phone, since “zwei” and “drei” are taken for one another.
    private static let german = Words(
        letters: [
            "Aachen", "Berlin", "Chemnitz", "Düsseldorf", "Essen", "Frankfurt", "Goslar", "Hamburg", "Ingelheim",
            "Jena", "Köln", "Leipzig", "München", "Nürnberg", "Offenbach", "Potsdam", "Quickborn", "Rostock",
            "Salzwedel", "Tübingen", "Unna", "Völklingen", "Wuppertal", "Xanten", "Ypsilon", "Zwickau",
        ],
        digits: ["null", "eins", "zwo", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"],
        capital: "GROSS", dash: "Bindestrich", space: "Leerzeichen",
        others: ["ä": "Umlaut Aachen", "ö": "Umlaut Offenbach", "ü": "Umlaut Unna", "ß": "Eszett"])

    private static let gallic = Words(
        letters: [
            "Anatole", "Berthe", "Célestin", "Désiré", "Eugène", "François", "Gaston", "Henri", "Irma", "Joseph",
            "Kléber", "Louis", "Marcel", "Nicolas", "Oscar", "Pierre", "Quintal", "Raoul", "Suzanne", "Thérèse",
            "Ursule", "Victor", "William", "Xavier", "Yvonne", "Zoé",
        ],
        digits: ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
        capital: "MAJUSCULE", dash: "tiret", space: "espace")
}
