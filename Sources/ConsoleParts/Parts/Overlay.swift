package import TerminalKit

/// What lies over a screen and takes all keys.
package protocol Overlay: Part {
    func hints(_ shared: Shared) -> [Footer.Hint]
    func draw(into buffer: inout Buffer, _ shared: Shared)
    /// What is said in place of that; what the drawing says, unless it has better words.
    func spoken(_ shared: Shared) -> Spoken
}

extension Overlay {
    package func spoken(_ shared: Shared) -> Spoken { Spoken(place: "Dialog") { draw(into: &$0, shared) } }
}
