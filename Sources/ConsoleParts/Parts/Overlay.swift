package import TerminalKit

/// What lies over a screen and takes all keys.
package protocol Overlay: Part {
    func hints(_ shared: Shared) -> [Footer.Hint]
    func draw(into buffer: inout Buffer, _ shared: Shared)
}
