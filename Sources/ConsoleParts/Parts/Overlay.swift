package import TerminalKit

/// What lies over a screen and takes all keys.
package protocol Overlay: Part {
    func hints(_ shared: Shared) -> [Footer.Hint]
    func draw(into buffer: inout Buffer, _ shared: Shared)
    /// What is said in place of that; what the drawing says, unless it has better words.
    func spoken(_ shared: Shared) -> Spoken
    /// Whether it is a list to choose from, in which the wheel goes up and down; not unless told: among fields the wheel would take what
    /// is typed next into another.
    var isList: Bool { get }
}

extension Overlay {
    package var isList: Bool { false }

    package func spoken(_ shared: Shared) -> Spoken { Spoken(place: "Dialog") { draw(into: &$0, shared) } }
}
