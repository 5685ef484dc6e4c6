/// What is said of a screen in place of drawing it: plain sentences, each a line.
package struct Spoken: Equatable, Sendable {
    /// What it is said of: a part of the program by its number. What was opened from there has a higher one.
    package var part = 0
    /// Whether it lies over a screen, whose keys rest.
    package var isDialog = false
    /// Where one is.
    package var place: String
    /// What there is to know: all of it at first, later what is new.
    package var lines: [String]
    /// What there is to choose from, each with its number.
    package var choices: [String] = []
    /// What of a secret is read out now; nothing until it was asked for.
    package var secrets: [String] = []
    /// What came of the last key.
    package var alerts: [String] = []
    /// What the keys go to.
    package var focus: Focus?
    /// The lines to which a number leads, and the one that is selected.
    package var numbers: Numbers?
    /// The keys that work here.
    package var keys: [Footer.Hint] = []

    /// How many keys were pressed: what comes of another one is said even where it is the same.
    package var keysPressed = 0
    /// How often it was asked which keys work.
    package var keysAsked = 0
    /// Whether somebody is typing: what follows from that waits until they pause.
    package var isHeld = false

    /// What the keys go to.
    package struct Focus: Equatable, Sendable {
        /// What it is called.
        package var label: String
        /// Where it stands among others, such as `2 of 6`.
        package var place: String
        /// What is in it.
        package var entry: Entry

        package init(_ label: String, _ entry: Entry, place: String = "") {
            (self.label, self.entry, self.place) = (label, entry, place)
        }
    }

    /// What is in what the keys go to.
    package enum Entry: Equatable, Sendable {
        /// A line that can be acted on.
        case line(String)
        /// Text that is typed, and so many characters left of the cursor.
        case text(String, cursor: Int)
        /// A secret that is typed: how many characters, and never which.
        case secret(characters: Int)
        /// One of several options.
        case choice([String], chosen: Int?)
    }

    /// Numbers of lines, counted from 1.
    package struct Numbers: Equatable, Sendable {
        package var range: ClosedRange<Int>
        package var selected: Int

        /// Lines from `first` on, of which one is selected by its index; nil where there are none.
        package init?(from first: Int = 1, count: Int, index: Int) {
            guard count > 0 else { return nil }
            (range, selected) = (first...(first + count - 1), first + index)
        }
    }

    package init(place: String, lines: [String] = [], focus: Focus? = nil) {
        (self.place, self.lines, self.focus) = (place, lines, focus)
    }

    /// Whether keys are typed into something.
    package var takesText: Bool {
        switch focus?.entry {
        case .text, .secret: true
        case .line, .choice, nil: false
        }
    }
}
